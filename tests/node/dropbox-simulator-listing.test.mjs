// Folders, cursors, changes and longpoll, as Dropbox' own client uses them.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { connect, post, refusal, tags } from "./dropbox-client.mjs";
import { startDropbox } from "./dropbox-simulator.mjs";

let dropbox;
let client;

const raw = (...all) => post(dropbox, ...all);
const upload = (path, contents, more = {}) =>
  client.filesUpload({ path, contents, ...more }).then(({ result }) => result);
const paths = (entries) =>
  entries.map((entry) => `${entry[".tag"] === "deleted" ? "-" : "+"}${entry.path_display}`);

describe("dropbox simulator: listing", () => {
  beforeEach(async () => {
    dropbox = await startDropbox();
    client = connect(dropbox);
  });
  afterEach(() => dropbox.close());

  test("pages, changes, deletions, moves", async () => {
    for (let i = 0; i < 7; ++i) await upload(`/in/f${i}`, `${i}`);
    let { result } = await client.filesListFolder({ path: "/In", limit: 3 });
    const all = [...result.entries];
    while (result.has_more) {
      ({ result } = await client.filesListFolderContinue({ cursor: result.cursor }));
      all.push(...result.entries);
      assert.ok(all.length <= 7, "the pages must come to an end");
    }
    assert.deepEqual(
      all.map(({ name }) => name),
      ["f0", "f1", "f2", "f3", "f4", "f5", "f6"]
    );
    const { result: none } = await client.filesListFolderContinue({ cursor: result.cursor });
    assert.deepEqual(none.entries, []);
    await upload("/in/f0", "changed", { mode: "overwrite" });
    await upload("/in/f0", "changed again", { mode: "overwrite" });
    await client.filesMoveV2({ from_path: "/in/f1", to_path: "/in/g1" });
    await client.filesDeleteV2({ path: "/in/f2" });
    await upload("/elsewhere", "x");
    const { result: changed } = await client.filesListFolderContinue({ cursor: none.cursor });
    assert.deepEqual(paths(changed.entries), ["+/in/f0", "-/in/f1", "+/in/g1"]);
    assert.equal(changed.has_more, true);
    const { result: last } = await client.filesListFolderContinue({ cursor: changed.cursor });
    assert.deepEqual([paths(last.entries), last.has_more], [["-/in/f2"], false]);
  });

  test("recursive from the root; a folder's deletion stands for what was in it", async () => {
    await upload("/a/b/c.txt", "x");
    const { result } = await client.filesListFolder({ path: "", recursive: true });
    assert.deepEqual(paths(result.entries), ["+/a", "+/a/b", "+/a/b/c.txt"]);
    await client.filesDeleteV2({ path: "/a" });
    const { result: gone } = await client.filesListFolderContinue({ cursor: result.cursor });
    assert.deepEqual(paths(gone.entries), ["-/a"]);
    const { result: shown } = await client.filesListFolder({ path: "", include_deleted: true });
    assert.deepEqual(paths(shown.entries), ["-/a"]);
    assert.equal(await tags(client.filesListFolder({ path: "/a" })), "path/not_found");
  });

  test("a place that changed often is shown once, where it changed last", async () => {
    const { result } = await client.filesListFolderGetLatestCursor({ path: "", recursive: true });
    for (const name of ["a", "b", "a"])
      await upload(`/${name}`, `${Math.random()}`, { mode: "overwrite" });
    const { result: changed } = await client.filesListFolderContinue({ cursor: result.cursor });
    assert.deepEqual(paths(changed.entries), ["+/b", "+/a"]);
  });

  test("a folder that was deleted and made anew is shown as deleted first", async () => {
    await upload("/a/old", "x");
    const { result } = await client.filesListFolderGetLatestCursor({ path: "", recursive: true });
    await client.filesDeleteV2({ path: "/a" });
    await upload("/A/new", "x");
    const { result: changed } = await client.filesListFolderContinue({ cursor: result.cursor });
    assert.deepEqual(paths(changed.entries), ["-/a", "+/A", "+/A/new"]);
  });

  test("what changes while pages are read comes afterwards", async () => {
    for (const name of ["b", "d", "f"]) await upload(`/${name}`, name);
    const { result: first } = await client.filesListFolder({ path: "", limit: 1 });
    await upload("/a", "new, before the place");
    const seen = [...first.entries];
    for (let { cursor } = first, more = true; more;) {
      const { result } = await client.filesListFolderContinue({ cursor });
      seen.push(...result.entries);
      assert.ok(seen.length < 10, "the pages must come to an end");
      ({ cursor } = result);
      more = result.has_more || result.entries.length > 0;
    }
    assert.deepEqual([...new Set(seen.map(({ name }) => name))].sort(), ["a", "b", "d", "f"]);
  });

  test("latest cursor and longpoll, without a token, on the host of its own", async () => {
    const {
      result: { cursor }
    } = await client.filesListFolderGetLatestCursor({ path: "" });
    const waiting = client.filesListFolderLongpoll({ cursor, timeout: 30 });
    dropbox.account.write("/new", "x");
    assert.deepEqual((await waiting).result, { changes: true });
    const { result } = await client.filesListFolderContinue({ cursor });
    dropbox.secondMs = 1;
    dropbox.account.backoff = 60;
    assert.deepEqual((await client.filesListFolderLongpoll({ cursor: result.cursor })).result, {
      changes: false,
      backoff: 60
    });
    const short = await refusal(client.filesListFolderLongpoll({ cursor, timeout: 5 }));
    assert.equal(short.status, 400);
    const body = JSON.stringify({ cursor: result.cursor });
    assert.equal(
      (
        await raw("notify", "files/list_folder/longpoll", {
          body,
          headers: { "content-type": "application/json" }
        })
      ).status,
      400
    );
    assert.equal(
      (
        await raw("api", "files/list_folder/longpoll", {
          body,
          headers: { "content-type": "application/json" }
        })
      ).status,
      404
    );
  });

  test("cursors end: reset; nonsense is a malformed request", async () => {
    const {
      result: { cursor }
    } = await client.filesListFolder({ path: "" });
    dropbox.account.resetCursors();
    assert.equal(await tags(client.filesListFolderContinue({ cursor })), "reset");
    assert.equal(await tags(client.filesListFolderLongpoll({ cursor })), "reset");
    assert.equal(
      (await refusal(client.filesListFolderContinue({ cursor: "nonsense" }))).status,
      400
    );
  });
});
