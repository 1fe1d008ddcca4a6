// Uploads in several requests: in order, or in a concurrent session in any order.
import { randomBytes } from "node:crypto";
import { Failure } from "./answers.mjs";
import { metadata } from "./tree.mjs";
import { checkData, commit } from "./writing.mjs";

const PIECE = 4 * 1024 * 1024;
const LIFE_MS = 7 * 24 * 3600 * 1000;

const refusal = (tags, details) => new Failure(tags, { details });

export function sessionStart(account, argument, data) {
  checkData(argument.content_hash, data);
  const concurrent = argument.session_type?.[".tag"] === "concurrent";
  if (concurrent && data.length > 0) throw refusal(["concurrent_session_data_not_allowed"]);
  if (concurrent && argument.close) throw refusal(["concurrent_session_close_not_allowed"]);
  const id = `pid_upload_session:${randomBytes(24).toString("base64url")}`;
  const session = { concurrent, pieces: new Map(), size: 0, closed: argument.close };
  account.sessions.set(id, { ...session, since: account.tree.now() });
  add(account.sessions.get(id), 0, data);
  return { session_id: id };
}

function find(account, id, fail) {
  const session = account.sessions.get(id);
  if (!session || account.tree.now() - session.since > LIFE_MS) throw fail(["not_found"]);
  return session;
}

function checkOffset({ size }, offset, fail) {
  if (size !== offset) throw fail(["incorrect_offset"], { correct_offset: size });
}

// In a concurrent session a piece that comes again takes the place of itself.
function add(session, offset, data) {
  if (data.length === 0) return;
  session.pieces.set(offset, data);
  session.size = Math.max(session.size, offset + data.length);
}

export function sessionAppend(account, { cursor, close, content_hash: hash }, data) {
  checkData(hash, data);
  const session = find(account, cursor.session_id, refusal);
  if (!session.concurrent && session.closed) throw refusal(["closed"]);
  if (!session.concurrent) checkOffset(session, cursor.offset, refusal);
  else if (cursor.offset % PIECE !== 0) throw refusal(["concurrent_session_invalid_offset"]);
  else if (data.length % PIECE !== 0 && !close) {
    throw refusal(["concurrent_session_invalid_data_size"]);
  }
  add(session, cursor.offset, data);
  session.closed ||= close;
  return null;
}

function content({ pieces, size, concurrent }) {
  const sorted = [...pieces].sort(([a], [b]) => a - b).map(([, data]) => data);
  const all = Buffer.concat(sorted);
  if (concurrent && all.length !== size) throw refusal(["concurrent_session_missing_data"]);
  return all;
}

export function sessionFinish(account, { cursor, commit: wanted, content_hash: hash }, data) {
  checkData(hash, data);
  const fail = (tags, details) => refusal(["lookup_failed", ...tags], details);
  const session = find(account, cursor.session_id, fail);
  if (session.concurrent && data.length > 0) {
    throw refusal(["concurrent_session_data_not_allowed"]);
  }
  if (session.concurrent && !session.closed) throw refusal(["concurrent_session_not_closed"]);
  checkOffset(session, cursor.offset, fail);
  // The session stays when the commit fails, with this request's data in it.
  add(session, cursor.offset, data);
  const entry = commit(account, wanted, content(session), (tags) => refusal(["path", ...tags]));
  account.sessions.delete(cursor.session_id);
  return metadata(entry, { tag: false });
}
