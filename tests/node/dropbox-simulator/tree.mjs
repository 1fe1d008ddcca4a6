// One account's files and folders, and the journal of what changed, oldest first. Names keep their
// case, but two that differ only in case are the same.
import { Failure } from "./answers.mjs";
import { contentHash } from "./content-hash.mjs";

const DISALLOWED = new Set([
  "desktop.ini",
  "thumbs.db",
  ".ds_store",
  "icon\r",
  ".dropbox",
  ".dropbox.attr"
]);

export const parentOf = (path) => path.slice(0, path.lastIndexOf("/"));
export const nameOf = (path) => path.slice(path.lastIndexOf("/") + 1);
const lower = (path) => path.toLowerCase();
const stamp = (milliseconds) => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

export class Tree {
  // path in lower case → {id, path, folder}
  // or {id, path, rev, data, hash, clientModified, serverModified}
  #entries = new Map();
  // {path, deleted: name?, folder: was it one?}: the place changed.
  journal = [];
  #last = 0;
  #onChange;

  constructor(now, onChange) {
    this.now = now;
    this.#onChange = onChange;
  }

  // The entry at a path, "id:..." or "rev:...".
  find(reference) {
    if (reference.startsWith("id:"))
      return [...this.#entries.values()].find((entry) => entry.id === reference);
    if (reference.startsWith("rev:"))
      return [...this.#entries.values()].find((entry) => entry.rev === reference.slice(4));
    return this.#entries.get(lower(reference));
  }

  // Where a write goes to: a path, or the place of what has that id.
  place(reference) {
    if (!reference.startsWith("id:")) return reference;
    return this.find(reference)?.path;
  }

  // Complaints about a path, without the outer tags of the route: ["malformed_path"] and such.
  flaw(path) {
    if (path === "" || path.endsWith("/") || path.includes("//")) return ["malformed_path"];
    if (
      path.split("/").some((name) => DISALLOWED.has(lower(name)) || Buffer.byteLength(name) > 255)
    )
      return ["disallowed_name"];
    for (let above = parentOf(path); above !== ""; above = parentOf(above)) {
      if (this.find(above) && !this.find(above).folder) return ["conflict", "file_ancestor"];
    }
    return undefined;
  }

  below(path) {
    const prefix = `${lower(path)}/`;
    return [...this.#entries].filter(([key]) => key.startsWith(prefix)).map(([, entry]) => entry);
  }

  inside(path) {
    return [...this.#entries]
      .filter(([key]) => parentOf(key) === lower(path))
      .map(([, entry]) => entry);
  }

  // A name that is free: "report (1).pdf".
  free(path, mark = (n) => ` (${n})`) {
    const folder = parentOf(path);
    const [, stem, suffix] = /^(.+?)(\.[^.]*)?$/s.exec(nameOf(path));
    for (let n = 1; ; ++n) {
      const other = `${folder}/${stem}${mark(n)}${suffix ?? ""}`;
      if (!this.find(other)) return other;
    }
  }

  write(path, data, { clientModified, id } = {}) {
    const old = this.find(path);
    const at = stamp(this.now());
    return this.#put({
      id: id ?? old?.id ?? this.#newId(),
      path: old ? parentPath(this, path, old) : this.#cased(path),
      rev: this.#newRev(),
      data,
      hash: contentHash(data),
      clientModified: clientModified ?? at,
      serverModified: at
    });
  }

  makeFolder(path) {
    return this.#put({ id: this.#newId(), path: this.#cased(path), folder: true });
  }

  remove(entry) {
    for (const inner of this.below(entry.path)) this.#entries.delete(lower(inner.path));
    this.#entries.delete(lower(entry.path));
    this.#note({ path: lower(entry.path), deleted: entry.path, folder: entry.folder });
  }

  // A copy or, with `keepId`, what is left of a move.
  placeAt(entry, path, { keepId = false } = {}) {
    const copied = { ...entry, id: keepId ? entry.id : this.#newId(), path: this.#cased(path) };
    if (!entry.folder && !keepId) copied.rev = this.#newRev();
    return this.#put(copied);
  }

  #put(entry) {
    for (const above of ancestors(entry.path))
      if (!this.find(above)) this.#put({ id: this.#newId(), path: above, folder: true });
    this.#entries.set(lower(entry.path), entry);
    this.#note({ path: lower(entry.path) });
    return entry;
  }

  // Folders that are there keep the case in which they were made.
  #cased(path) {
    const parts = path.split("/").slice(1);
    let out = "";
    for (const [depth, part] of parts.entries()) {
      const there = depth < parts.length - 1 ? this.find(`${out}/${part}`) : undefined;
      out = there ? there.path : `${out}/${part}`;
    }
    return out;
  }

  #note(change) {
    this.journal.push(change);
    this.#onChange();
  }

  #newId() {
    return `id:a4ayc_80_OEAAAAAAA${String(++this.#last).padStart(5, "A")}`;
  }
  #newRev() {
    return `015f0a2b${(++this.#last).toString(16).padStart(16, "0")}`;
  }
}

const parentPath = (tree, path, old) => `${parentOf(old.path)}/${nameOf(path)}`;

function ancestors(path) {
  const found = [];
  for (let above = parentOf(path); above !== ""; above = parentOf(above)) found.unshift(above);
  return found;
}

// As answers show it. RPC answers of routes that give one of several kinds carry the tag.
export function metadata(entry, { tag = true } = {}) {
  const common = {
    name: nameOf(entry.path),
    path_lower: lower(entry.path),
    path_display: entry.path,
    id: entry.id
  };
  if (entry.folder) return { ...(tag ? { ".tag": "folder" } : {}), ...common };
  return {
    ...(tag ? { ".tag": "file" } : {}),
    ...common,
    client_modified: entry.clientModified,
    server_modified: entry.serverModified,
    rev: entry.rev,
    size: entry.data.length,
    is_downloadable: true,
    content_hash: entry.hash
  };
}

export const deletedMetadata = (path) => ({
  ".tag": "deleted",
  name: nameOf(path),
  path_lower: lower(path),
  path_display: path
});

export function lookup(tree, reference, tag = "path") {
  const entry = tree.find(reference);
  if (!entry && reference.startsWith("/") && tree.flaw(reference)?.[0] === "malformed_path")
    throw new Failure([tag, "malformed_path"]);
  if (!entry) throw new Failure([tag, "not_found"]);
  return entry;
}
