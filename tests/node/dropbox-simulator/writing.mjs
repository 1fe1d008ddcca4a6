// Uploads in one request, new folders, moves, copies, deletions.
import { randomBytes } from "node:crypto";
import { Failure } from "./answers.mjs";
import { contentHash } from "./content-hash.mjs";
import { lookup, metadata } from "./tree.mjs";

const MAX_REQUEST = 150 * 1024 * 1024;

// Puts `data` where the commit says. `fail(tags)` makes the route's own error of a write error.
export function commit(
  account,
  { path: reference, mode, autorename, strict_conflict: strict, client_modified: clientModified },
  data,
  fail
) {
  const { tree } = account;
  const path = tree.place(reference);
  if (path === undefined) throw fail(["malformed_path"]);
  const flaw = tree.flaw(path);
  if (flaw) throw fail(flaw);
  if (account.used() + data.length > account.quota) throw fail(["insufficient_space"]);
  const there = tree.find(path);
  const same = there && !there.folder && there.hash === contentHash(data);
  const refused = () => {
    if (!autorename) throw fail(["conflict", there?.folder ? "folder" : "file"]);
    const mark =
      mode[".tag"] === "update" ? (n) => ` (conflicted copy${n > 1 ? ` ${n}` : ""})` : undefined;
    return tree.write(tree.free(path, mark), data, { clientModified });
  };
  if (there?.folder) return refused();
  if (mode[".tag"] === "update") {
    if (there ? there.rev === mode.update : !strict)
      return tree.write(path, data, { clientModified });
    return same && !strict ? there : refused();
  }
  if (there && same && !strict) return there;
  if (there && mode[".tag"] === "add") return refused();
  return tree.write(path, data, { clientModified });
}

export function checkData(given, data) {
  if (given !== undefined && given !== contentHash(data))
    throw new Failure(["content_hash_mismatch"]);
  if (data.length > MAX_REQUEST) throw new Failure(["payload_too_large"]);
}

// The struct inside "path" stands beside the tag, as Dropbox flattens it.
const uploadFailed = (tags) =>
  new Failure(["path", ...tags], {
    error: {
      ".tag": "path",
      reason: new Failure(tags).body.error,
      upload_session_id: `pid_upload_session:${randomBytes(12).toString("base64url")}`
    }
  });

export function upload(account, argument, data) {
  checkData(argument.content_hash, data);
  return metadata(commit(account, argument, data, uploadFailed), { tag: false });
}

export function createFolder(account, { path, autorename }) {
  const { tree } = account;
  const flaw = tree.flaw(path);
  if (flaw) throw new Failure(["path", ...flaw]);
  const there = tree.find(path);
  if (there && !autorename)
    throw new Failure(["path", "conflict", there.folder ? "folder" : "file"]);
  return { metadata: metadata(tree.makeFolder(there ? tree.free(path) : path), { tag: false }) };
}

export function remove(account, { path, parent_rev: rev }) {
  const entry = lookup(account.tree, path, "path_lookup");
  if (rev !== undefined && entry.folder) throw new Failure(["path_lookup", "not_file"]);
  if (rev !== undefined && entry.rev !== rev) throw new Failure(["path_write", "conflict", "file"]);
  account.tree.remove(entry);
  return { metadata: metadata(entry) };
}

// `move` also takes away what was copied.
export function relocate(account, { from_path: from, to_path: reference, autorename }, move) {
  const { tree } = account;
  const entry = lookup(tree, from, "from_lookup");
  let to = tree.place(reference);
  if (to === undefined) throw new Failure(["to", "malformed_path"]);
  const flaw = tree.flaw(to);
  if (flaw) throw new Failure(["to", ...flaw]);
  if (
    `${to.toLowerCase()}/`.startsWith(`${entry.path.toLowerCase()}/`) &&
    to.toLowerCase() !== entry.path.toLowerCase()
  ) {
    throw new Failure(
      entry.folder ? ["duplicated_or_nested_paths"] : ["to", "conflict", "file_ancestor"]
    );
  }
  const there = tree.find(to);
  if (there && !(move && there === entry && to !== entry.path)) {
    if (!autorename) throw new Failure(["to", "conflict", there.folder ? "folder" : "file"]);
    to = tree.free(to);
  }
  const inner = tree.below(entry.path).map((one) => [one, one.path.slice(entry.path.length)]);
  if (move) tree.remove(entry);
  const placed = tree.placeAt(entry, to, { keepId: move });
  for (const [one, rest] of inner) tree.placeAt(one, placed.path + rest, { keepId: move });
  return { metadata: metadata(placed) };
}
