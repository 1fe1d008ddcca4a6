// Dropbox's content_hash: SHA-256 over the SHA-256 digests of each 4 MiB block.
import { createHash } from "node:crypto";

const BLOCK = 4 * 1024 * 1024;
const sha256 = (data) => createHash("sha256").update(data).digest();

export function contentHash(data) {
  const digests = [];
  for (let at = 0; at < data.length; at += BLOCK)
    digests.push(sha256(data.subarray(at, at + BLOCK)));
  return sha256(Buffer.concat(digests)).toString("hex");
}
