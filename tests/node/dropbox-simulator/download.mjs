// files/download: the file is the body, its metadata a header. Ranges and ETags work as with any
// other file on the web.
import { Failure, headerJson } from "./answers.mjs";
import { lookup, metadata } from "./tree.mjs";

// {result, status, headers, body}
export function download(account, { path, rev }, request) {
  const entry = lookup(account.tree, rev ? `rev:${rev}` : path);
  if (entry.folder) throw new Failure(["path", "not_file"]);
  const { data } = entry;
  const result = metadata(entry, { tag: false });
  const headers = {
    "dropbox-api-result": headerJson(result),
    "accept-ranges": "bytes",
    etag: `W/"${entry.rev}"`,
    "original-content-length": String(data.length)
  };
  if (request.headers["if-none-match"] === headers.etag) return { result, status: 304, headers };
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  if (from === undefined) return { result, status: 200, headers, body: data };
  if (Number(from) >= data.length) {
    return { result, status: 416, headers: { "content-range": `bytes */${data.length}` } };
  }
  const end = Math.min(to === "" ? Infinity : Number(to) + 1, data.length);
  headers["content-range"] = `bytes ${from}-${end - 1}/${data.length}`;
  return { result, status: 206, headers, body: data.subarray(Number(from), end) };
}
