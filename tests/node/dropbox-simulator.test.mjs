// The simulator is faithful: Dropbox' own client works against it, each request on its own host.
import { DropboxAuth } from "dropbox";
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, test } from "node:test";
import { connect, fetchAt, post, refusal, tags } from "./dropbox-client.mjs";
import { checkAnswer } from "./dropbox-contract.mjs";
import { contentHash } from "./dropbox-simulator/content-hash.mjs";
import { APP, startDropbox } from "./dropbox-simulator.mjs";

let dropbox;
let client;

const raw = (...all) => post(dropbox, ...all);
const upload = (path, contents, more = {}) =>
  client.filesUpload({ path, contents, ...more }).then(({ result }) => result);

describe("dropbox simulator", () => {
  beforeEach(async () => {
    dropbox = await startDropbox();
    client = connect(dropbox);
  });
  afterEach(() => dropbox.close());

  describe("tokens", () => {
    test("a code with PKCE gives offline access; it counts once and with its verifier only", async () => {
      const auth = new DropboxAuth({ fetch: fetchAt(dropbox), clientId: APP.key });
      const code = async () => {
        const address = new URL(
          await auth.getAuthenticationUrl(
            APP.redirectUris[0],
            "s1",
            "code",
            "offline",
            ["files.metadata.read"],
            "none",
            true
          )
        );
        assert.equal(address.pathname, "/oauth2/authorize");
        const answer = await fetch(dropbox.hosts.www + address.pathname + address.search, {
          redirect: "manual"
        });
        const back = new URL(answer.headers.get("location"));
        assert.equal(back.searchParams.get("state"), "s1");
        return back.searchParams.get("code");
      };
      const first = await code();
      const { result } = await auth.getAccessTokenFromCode(APP.redirectUris[0], first);
      assert.deepEqual(
        [result.token_type, result.expires_in, result.account_id],
        ["bearer", 14400, dropbox.account.id]
      );
      assert.equal(
        (await refusal(auth.getAccessTokenFromCode(APP.redirectUris[0], first))).error.error,
        "invalid_grant"
      );
      const second = await code();
      auth.setCodeVerifier("another one");
      assert.match(
        (await refusal(auth.getAccessTokenFromCode(APP.redirectUris[0], second))).error
          .error_description,
        /verifier/
      );
      const scoped = connect(dropbox, { accessToken: result.access_token });
      await scoped.filesListFolder({ path: "" });
      const { status, error } = await refusal(scoped.filesCreateFolderV2({ path: "/x" }));
      assert.deepEqual(
        [status, error.error],
        [401, { ".tag": "missing_scope", required_scope: "files.content.write" }]
      );
      await connect(dropbox, { refreshToken: result.refresh_token }).usersGetCurrentAccount();
    });

    test("refresh, expiry, revocation", async () => {
      const refreshed = connect(dropbox, {
        refreshToken: dropbox.refreshToken(),
        clientSecret: APP.secret
      });
      assert.equal((await refreshed.usersGetCurrentAccount()).result.email, "person@example.com");
      dropbox.tokens.expire();
      const expired = await refusal(client.usersGetCurrentAccount());
      assert.deepEqual(
        [expired.status, expired.error.error[".tag"]],
        [401, "expired_access_token"]
      );
      assert.match(expired.error.error_summary, /^expired_access_token\/\.+$/);
      assert.equal(
        (await refusal(connect(dropbox, { accessToken: "nonsense" }).usersGetCurrentAccount()))
          .error.error[".tag"],
        "invalid_access_token"
      );
      const wrong = connect(dropbox, { refreshToken: "wrong", clientSecret: APP.secret });
      assert.deepEqual((await refusal(wrong.usersGetCurrentAccount())).error, {
        error: "invalid_grant",
        error_description: "refresh token is invalid or revoked"
      });
      const secret = connect(dropbox, {
        refreshToken: dropbox.refreshToken(),
        clientSecret: "wrong"
      });
      assert.match((await refusal(secret.usersGetCurrentAccount())).error.error, /^invalid_client/);
      const ended = connect(dropbox);
      await ended.authTokenRevoke();
      assert.equal((await refusal(ended.usersGetCurrentAccount())).status, 401);
      assert.equal((await connect(dropbox).checkUser({ query: "ping" })).result.result, "ping");
    });
  });

  describe("files", () => {
    test("up and down, with names beyond ASCII, hashes, ranges", async () => {
      const data = Buffer.alloc(9_000_000, "Ünïcode 🎉");
      const stored = await upload("/Ordner/Größe 🎉.bin", data, {
        content_hash: contentHash(data)
      });
      assert.deepEqual(
        [stored.name, stored.size, stored.content_hash],
        ["Größe 🎉.bin", data.length, contentHash(data)]
      );
      assert.equal(stored[".tag"], undefined);
      const { result } = await client.filesDownload({
        path: "/ordner/GRÖSSE 🎉.BIN".replace("SS", "ß")
      });
      assert.ok(result.fileBinary.equals(data));
      assert.equal(result.path_display, "/Ordner/Größe 🎉.bin");
      assert.equal((await client.filesDownload({ path: stored.id })).result.rev, stored.rev);
      const part = await raw("content", "files/download", {
        headers: { "dropbox-api-arg": JSON.stringify({ path: stored.id }), range: "bytes=4-7" }
      });
      assert.deepEqual(
        [part.status, part.headers.get("content-range")],
        [206, `bytes 4-7/${data.length}`]
      );
      assert.ok(Buffer.from(await part.arrayBuffer()).equals(data.subarray(4, 8)));
      assert.equal(
        await tags(client.filesUpload({ path: "/x", contents: "x", content_hash: "0".repeat(64) })),
        "content_hash_mismatch"
      );
      assert.equal(
        contentHash(Buffer.alloc(0)),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      );
    });

    test("conflicts: add, overwrite, update, autorename, strict", async () => {
      const first = await upload("/a.txt", "one");
      assert.equal((await upload("/a.txt", "one")).rev, first.rev);
      assert.equal(await tags(upload("/a.txt", "two")), "path/conflict/file");
      assert.equal(
        await tags(upload("/a.txt", "one", { strict_conflict: true })),
        "path/conflict/file"
      );
      assert.equal((await upload("/a.txt", "two", { autorename: true })).name, "a (1).txt");
      const second = await upload("/A.TXT", "three", { mode: "overwrite" });
      assert.deepEqual([second.id, second.rev === first.rev], [first.id, false]);
      assert.equal(
        await tags(upload("/a.txt", "four", { mode: { ".tag": "update", update: first.rev } })),
        "path/conflict/file"
      );
      const third = await upload("/a.txt", "four", {
        mode: { ".tag": "update", update: second.rev }
      });
      assert.notEqual(third.rev, second.rev);
      await client.filesCreateFolderV2({ path: "/folder" });
      assert.equal(await tags(upload("/folder", "x")), "path/conflict/folder");
      assert.equal(await tags(upload("/a.txt/below", "x")), "path/conflict/file_ancestor");
      assert.equal(await tags(upload("/folder/desktop.ini", "x")), "path/disallowed_name");
      assert.equal(await tags(upload("/folder/", "x")), "path/malformed_path");
      dropbox.account.quota = 10;
      assert.equal(await tags(upload("/big", "x".repeat(20))), "path/insufficient_space");
    });

    test("metadata, folders, moves, copies, deletions", async () => {
      const {
        result: { metadata: folder }
      } = await client.filesCreateFolderV2({ path: "/In" });
      assert.equal(await tags(client.filesCreateFolderV2({ path: "/IN" })), "path/conflict/folder");
      const file = await upload("/in/Sub/a.csv", "a;b");
      assert.equal(file.path_display, "/In/Sub/a.csv");
      assert.equal((await client.filesGetMetadata({ path: "/IN" })).result[".tag"], "folder");
      assert.equal((await client.filesGetMetadata({ path: folder.id })).result.path_display, "/In");
      const { result: moved } = await client.filesMoveV2({
        from_path: "/in/sub/a.csv",
        to_path: "/Done/a.csv"
      });
      assert.deepEqual([moved.metadata[".tag"], moved.metadata.id], ["file", file.id]);
      assert.equal(
        await tags(client.filesMoveV2({ from_path: "/in/sub/a.csv", to_path: "/x" })),
        "from_lookup/not_found"
      );
      const { result: copied } = await client.filesCopyV2({ from_path: "/Done", to_path: "/Copy" });
      assert.notEqual(copied.metadata.id, folder.id);
      assert.equal((await client.filesGetMetadata({ path: "/copy/a.csv" })).result.size, 3);
      assert.equal(
        await tags(client.filesCopyV2({ from_path: "/done/a.csv", to_path: "/copy/a.csv" })),
        "to/conflict/file"
      );
      assert.equal(
        (
          await client.filesCopyV2({
            from_path: "/done/a.csv",
            to_path: "/copy/a.csv",
            autorename: true
          })
        ).result.metadata.name,
        "a (1).csv"
      );
      assert.equal(
        await tags(client.filesMoveV2({ from_path: "/Copy", to_path: "/Copy/inner" })),
        "duplicated_or_nested_paths"
      );
      assert.equal(
        (await client.filesDeleteV2({ path: "/copy" })).result.metadata[".tag"],
        "folder"
      );
      assert.equal(await tags(client.filesDeleteV2({ path: "/copy" })), "path_lookup/not_found");
      assert.equal(await tags(client.filesGetMetadata({ path: "/copy/a.csv" })), "path/not_found");
      const { result: gone } = await client.filesGetMetadata({
        path: "/copy",
        include_deleted: true
      });
      assert.deepEqual([gone[".tag"], gone.path_display], ["deleted", "/Copy"]);
      assert.equal(
        await tags(client.filesDeleteV2({ path: "/done/a.csv", parent_rev: "0".repeat(9) })),
        "path_write/conflict/file"
      );
      assert.equal(await tags(client.filesDownload({ path: "/In" })), "path/not_file");
      const {
        result: { link }
      } = await client.filesGetTemporaryLink({ path: "/done/a.csv" });
      assert.equal(await (await fetch(link)).text(), "a;b");
    });

    test("an upload session ends after seven days", async (t) => {
      let now = Date.now();
      const other = await startDropbox({ now: () => now });
      t.after(() => other.close());
      const there = connect(other);
      const { result } = await there.filesUploadSessionStart({ contents: "x" });
      const { session_id } = result;
      now += 7 * 86_400_000 + 1;
      const later = connect(other);
      const cursor = { session_id, offset: 1 };
      const append = later.filesUploadSessionAppendV2({ cursor, contents: "y" });
      assert.equal(await tags(append), "not_found");
    });

    test("pieces of a concurrent session in any order", async () => {
      const MiB4 = 4 * 1024 * 1024;
      const data = randomBytes(2 * MiB4 + 10);
      const begun = await client.filesUploadSessionStart({
        session_type: "concurrent",
        contents: ""
      });
      const { session_id } = begun.result;
      const append = (offset, to, close = false) =>
        client.filesUploadSessionAppendV2({
          cursor: { session_id, offset },
          close,
          contents: data.subarray(offset, to)
        });
      const finish = (offset = data.length) =>
        client.filesUploadSessionFinish({
          cursor: { session_id, offset },
          commit: { path: "/pieces" },
          contents: ""
        });
      assert.equal(await tags(append(5, 10)), "concurrent_session_invalid_offset");
      assert.equal(await tags(append(0, 10)), "concurrent_session_invalid_data_size");
      await append(MiB4, 2 * MiB4);
      assert.equal(await tags(finish()), "concurrent_session_not_closed");
      await append(2 * MiB4, data.length, true);
      assert.equal(await tags(finish()), "concurrent_session_missing_data");
      await append(0, MiB4);
      assert.equal((await finish()).result.content_hash, contentHash(data));
    });

    test("upload sessions, an offset that does not fit, a lost answer", async () => {
      const {
        result: { session_id: id }
      } = await client.filesUploadSessionStart({ contents: "0123" });
      dropbox.failNext({ match: /append_v2/, lose: true });
      const append = (offset, contents) =>
        client.filesUploadSessionAppendV2({ cursor: { session_id: id, offset }, contents });
      await assert.rejects(append(4, "4567"));
      const { status, error } = await refusal(append(4, "4567"));
      assert.deepEqual(
        [status, error.error],
        [409, { ".tag": "incorrect_offset", correct_offset: 8 }]
      );
      await append(8, "89");
      const commit = { path: "/big.bin", mode: { ".tag": "add" } };
      const wrong = await refusal(
        client.filesUploadSessionFinish({
          cursor: { session_id: id, offset: 3 },
          commit,
          contents: ""
        })
      );
      assert.deepEqual(wrong.error.error, {
        ".tag": "lookup_failed",
        lookup_failed: { ".tag": "incorrect_offset", correct_offset: 10 }
      });
      const { result } = await client.filesUploadSessionFinish({
        cursor: { session_id: id, offset: 10 },
        commit,
        contents: "ab"
      });
      assert.deepEqual(
        [result.size, dropbox.account.read("/big.bin").toString()],
        [12, "0123456789ab"]
      );
      assert.equal(await tags(append(12, "x")), "not_found");
      const { result: closed } = await client.filesUploadSessionStart({
        contents: "new",
        close: true
      });
      assert.equal(
        await tags(
          client.filesUploadSessionAppendV2({
            cursor: { session_id: closed.session_id, offset: 3 },
            contents: "x"
          })
        ),
        "closed"
      );
      const finish = (offset) =>
        client.filesUploadSessionFinish({
          cursor: { session_id: closed.session_id, offset },
          commit,
          contents: ""
        });
      assert.equal(await tags(finish(3)), "path/conflict/file");
      dropbox.account.delete("/big.bin");
      assert.equal((await finish(3)).result.size, 3);
    });
  });

  test("shared links", async () => {
    await upload("/a/report.pdf", "x");
    const { result: link } = await client.sharingCreateSharedLinkWithSettings({
      path: "/a/report.pdf"
    });
    assert.match(link.url, /^https:\/\/www\.dropbox\.com\/scl\/fi\/.*report\.pdf\?rlkey=/);
    const again = await refusal(
      client.sharingCreateSharedLinkWithSettings({ path: "/a/report.pdf" })
    );
    assert.equal(again.error.error[".tag"], "shared_link_already_exists");
    assert.equal(again.error.error.shared_link_already_exists.metadata.url, link.url);
    await client.sharingCreateSharedLinkWithSettings({
      path: "/a",
      settings: { expires: "2030-01-01T00:00:00Z" }
    });
    const { result } = await client.sharingListSharedLinks({
      path: "/a/report.pdf",
      direct_only: true
    });
    assert.deepEqual([result.links.length, result.has_more], [1, false]);
    assert.equal(
      (await client.sharingListSharedLinks({ path: "/a/report.pdf" })).result.links.length,
      2
    );
    await client.sharingRevokeSharedLink({ url: link.url });
    assert.equal((await client.sharingListSharedLinks({})).result.links.length, 1);
    assert.equal(
      await tags(client.sharingCreateSharedLinkWithSettings({ path: "/nope" })),
      "path/not_found"
    );
  });

  test("malformed requests are told as text", async () => {
    const message = async (promise) => {
      const { status, error } = await refusal(promise);
      assert.equal(status, 400);
      return error;
    };
    assert.match(
      await message(client.filesListFolder({ path: "/" })),
      /root folder as an empty string/
    );
    assert.match(
      await message(client.filesGetMetadata({ path: "no slash" })),
      /did not match pattern/
    );
    assert.match(
      await message(client.filesGetMetadata({ path: "/x", nope: 1 })),
      /unknown field 'nope'/
    );
    assert.match(
      await message(client.filesListFolder({ path: "", limit: 5000 })),
      /not within range/
    );
    assert.match(
      await message(
        client.filesUpload({ path: "/x", contents: "x", client_modified: "yesterday" })
      ),
      /did not match format/
    );
    const utf8 = await raw("content", "files/download", {
      headers: { "dropbox-api-arg": '{"path":"/Gr\u00f6\u00dfe"}' }
    });
    assert.match(await utf8.text(), /could not decode input as JSON/);
    const form = await raw("api", "files/list_folder", {
      body: "path=",
      headers: { "content-type": "application/x-www-form-urlencoded" }
    });
    assert.match(await form.text(), /Bad HTTP "Content-Type" header/);
    const wrongHost = await raw("api", "files/upload", {
      body: "x",
      headers: { "dropbox-api-arg": '{"path":"/x"}', "content-type": "application/octet-stream" }
    });
    assert.equal(wrongHost.status, 404);
  });

  test("the hash of the content, block by block", () => {
    const sha256 = (...parts) =>
      parts.reduce((hash, part) => hash.update(part), createHash("sha256"));
    const data = randomBytes(2 * 4194304 + 5);
    const blocks = [
      data.subarray(0, 4194304),
      data.subarray(4194304, 8388608),
      data.subarray(8388608)
    ];
    const digests = blocks.map((block) => sha256(block).digest());
    assert.equal(contentHash(data), sha256(...digests).digest("hex"));
  });

  test("what the description forbids is noticed", () => {
    const file = {
      name: "a",
      id: "id:x",
      client_modified: "2024-01-01T00:00:00Z",
      server_modified: "2024-01-01T00:00:00Z",
      rev: "0123456789",
      size: 1
    };
    checkAnswer("files/upload", 200, file);
    const answer = (more) => () => checkAnswer("files/upload", 200, { ...file, ...more });
    assert.throws(answer({ size: undefined }), /missing required field 'size'/);
    assert.throws(answer({ rev: "xyz" }), /rev/);
    assert.throws(answer({ client_modified: "2024-01-01" }), /format/);
    const page = { entries: [file], cursor: "c", has_more: false };
    assert.throws(() => checkAnswer("files/list_folder", 200, page), /unknown tag/);
    const refused = { error: { ".tag": "path", path: { ".tag": "nope" } } };
    assert.throws(() => checkAnswer("files/list_folder", 409, refused), /unknown tag "nope"/);
  });

  test("limits and failures", async () => {
    dropbox.limitNext(7, { match: /list_folder/ });
    const limited = await refusal(client.filesListFolder({ path: "" }));
    assert.deepEqual(
      [limited.status, limited.headers.get("retry-after"), limited.error.error],
      [429, "7", { reason: { ".tag": "too_many_requests" }, retry_after: 7 }]
    );
    dropbox.failNext({ status: 503, times: 2 });
    for (let i = 0; i < 2; ++i)
      assert.equal((await refusal(client.filesListFolder({ path: "" }))).status, 503);
    dropbox.failNext({ match: /upload/, lose: true });
    await assert.rejects(upload("/there", "x"));
    assert.equal(dropbox.account.read("/there").toString(), "x");
    await client.filesListFolder({ path: "" });
  });
});
