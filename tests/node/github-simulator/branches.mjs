// Branches of a repository: for each the files at its head, and commits made out of what they hold.
import { createHash } from "node:crypto";

const sha1 = (text) => createHash("sha1").update(text).digest("hex");

// As Git names the content of a file.
export const fileId = (bytes) => sha1(Buffer.concat([Buffer.from(`blob ${bytes.length}\0`), bytes]));

// {name: {sha, files: Map(path -> Buffer)}}
export function firstBranches() {
  return new Map([["main", { sha: sha1("the first commit"), files: new Map() }]]);
}

// The branch, made out of the default one when it is not there yet.
export function branchFrom(repo, name) {
  const { files, sha } = repo.branches.get("main");
  if (!repo.branches.has(name)) repo.branches.set(name, { sha, files: new Map(files) });
  return repo.branches.get(name);
}

// The files of a branch, or of the commit that has this id; undefined when there are none.
export function filesAt(repo, ref = "main") {
  const found = repo.branches.get(ref) ?? [...repo.branches.values()].find(({ sha }) => sha === ref);
  return found?.files;
}

export function commit(branch, message) {
  branch.sha = sha1(`${branch.sha} ${message} ${[...branch.files].map(([path, bytes]) => path + fileId(bytes))}`);
  return branch.sha;
}
