// What each route takes, as Dropbox's own description of its API (files.stone, sharing.stone) has
// it. Whatever does not fit is refused as a malformed request: wrong types, unknown fields too.
import { Malformed } from "./answers.mjs";

const text = (pattern, more = {}) => ({ kind: "text", pattern, ...more });
const flag = (byDefault = false) => ({ kind: "flag", default: byDefault });
const whole = (from, to, more = {}) => ({ kind: "whole", from, to, ...more });
const struct = (fields, more = {}) => ({ kind: "struct", fields, ...more });
const union = (tags, more = {}) => ({ kind: "union", tags, ...more });
const maybe = (what) => ({ ...what, optional: true });

const READ = text(/^((\/(.|[\r\n])*|id:.*)|(rev:[0-9a-f]{9,})|(ns:[0-9]+(\/(.|[\r\n])*)?))$/);
const WRITE = text(/^((\/(.|[\r\n])*)|(ns:[0-9]+(\/(.|[\r\n])*)?))$/);
const WRITE_OR_ID = text(/^((\/(.|[\r\n])*)|(ns:[0-9]+(\/(.|[\r\n])*)?)|(id:.*))$/);
const FOLDER = text(/^((\/(.|[\r\n])*)?|id:.*|(ns:[0-9]+(\/(.|[\r\n])*)?))$/);
const REV = text(/^[0-9a-f]{9,}$/);
const HASH = text(/^[0-9a-f]{64}$/);
const TIME = text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const CURSOR = text(/^[^]+$/);

const LIST = struct({
  path: FOLDER,
  recursive: flag(),
  include_media_info: flag(),
  include_deleted: flag(),
  include_has_explicit_shared_members: flag(),
  include_mounted_folders: flag(true),
  limit: maybe(whole(1, 2000)),
  include_non_downloadable_files: flag(true),
  include_restorable_info: flag()
});
const COMMIT = {
  path: WRITE_OR_ID,
  mode: union({ add: null, overwrite: null, update: REV }, { default: { ".tag": "add" } }),
  autorename: flag(),
  client_modified: maybe(TIME),
  mute: flag(),
  strict_conflict: flag()
};
const SESSION = struct({ session_id: text(/^[^]*$/), offset: whole(0, Number.MAX_SAFE_INTEGER) });
const RELOCATION = struct({
  from_path: WRITE_OR_ID,
  to_path: WRITE_OR_ID,
  allow_shared_folder: flag(),
  autorename: flag(),
  allow_ownership_transfer: flag()
});
const LINK_SETTINGS = struct({
  require_password: maybe(flag()),
  link_password: maybe(text(/^[^]*$/)),
  expires: maybe(TIME),
  audience: maybe(union({ public: null, team: null, no_one: null, password: null, members: null })),
  access: maybe(union({ viewer: null, editor: null, max: null, default: null })),
  requested_visibility: maybe(union({ public: null, team_only: null, password: null })),
  allow_download: maybe(flag())
});

export const ARGUMENTS = {
  "users/get_current_account": null,
  "users/get_space_usage": null,
  "auth/token/revoke": null,
  "check/user": struct({ query: text(/^[^]{0,500}$/, { default: "" }) }),
  "files/list_folder": LIST,
  "files/list_folder/continue": struct({ cursor: CURSOR }),
  "files/list_folder/get_latest_cursor": LIST,
  "files/list_folder/longpoll": struct({
    cursor: CURSOR,
    timeout: whole(30, 480, { default: 30 })
  }),
  "files/get_metadata": struct({
    path: READ,
    include_media_info: flag(),
    include_deleted: flag(),
    include_has_explicit_shared_members: flag()
  }),
  "files/get_temporary_link": struct({ path: READ }),
  "files/download": struct({ path: READ, rev: maybe(REV) }),
  "files/upload": struct({ ...COMMIT, content_hash: maybe(HASH) }),
  "files/upload_session/start": struct({
    close: flag(),
    session_type: maybe(union({ sequential: null, concurrent: null })),
    content_hash: maybe(HASH)
  }),
  "files/upload_session/append_v2": struct({
    cursor: SESSION,
    close: flag(),
    content_hash: maybe(HASH)
  }),
  "files/upload_session/finish": struct({
    cursor: SESSION,
    commit: struct(COMMIT),
    content_hash: maybe(HASH)
  }),
  "files/create_folder_v2": struct({ path: WRITE, autorename: flag() }),
  "files/delete_v2": struct({ path: WRITE_OR_ID, parent_rev: maybe(REV) }),
  "files/move_v2": RELOCATION,
  "files/copy_v2": RELOCATION,
  "sharing/create_shared_link_with_settings": struct({
    path: READ,
    settings: maybe(LINK_SETTINGS)
  }),
  "sharing/list_shared_links": struct({
    path: maybe(READ),
    cursor: maybe(CURSOR),
    direct_only: maybe(flag())
  }),
  "sharing/revoke_shared_link": struct({ url: text(/^[^]*$/) })
};

function check(type, value, where) {
  const refuse = (detail) => {
    throw new Malformed(`${where}: ${detail}`);
  };
  if (type.kind === "text") {
    if (typeof value !== "string") refuse(`expected string, got ${typeof value}`);
    if (!type.pattern.test(value))
      refuse(`'${value}' did not match pattern '${type.pattern.source}'`);
    return value;
  }
  if (type.kind === "flag") {
    if (typeof value !== "boolean") refuse(`expected boolean, got ${typeof value}`);
    return value;
  }
  if (type.kind === "whole") {
    if (!Number.isInteger(value)) refuse(`expected integer, got ${typeof value}`);
    if (value < type.from || value > type.to)
      refuse(`${value} is not within range [${type.from}, ${type.to}]`);
    return value;
  }
  if (type.kind === "union") {
    const given = typeof value === "string" ? { ".tag": value } : value;
    const tag = given?.[".tag"];
    if (!(tag in type.tags)) refuse(`unknown tag ${JSON.stringify(tag)}`);
    return type.tags[tag]
      ? { ".tag": tag, [tag]: check(type.tags[tag], given[tag], `${where}.${tag}`) }
      : { ".tag": tag };
  }
  if (value === null || typeof value !== "object" || Array.isArray(value))
    refuse(`expected object, got ${value === null ? "null" : typeof value}`);
  const unknown = Object.keys(value).find((name) => !(name in type.fields));
  if (unknown !== undefined) refuse(`unknown field '${unknown}'`);
  return Object.fromEntries(
    Object.entries(type.fields).flatMap(([name, field]) => {
      if (value[name] !== undefined && !(value[name] === null && field.optional))
        return [[name, check(field, value[name], `${where}.${name}`)]];
      if ("default" in field) return [[name, field.default]];
      if (field.optional) return [];
      return refuse(`missing required field '${name}'`);
    })
  );
}

// The argument with its defaults. `where` says how it came: "request body" or the header.
export function argument(route, json, where) {
  const type = ARGUMENTS[route];
  if (json.trim() === "" && type === null) return null;
  let value;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Malformed(`${where}: could not decode input as JSON`);
  }
  if (type !== null) return check(type, value, where);
  if (value !== null) throw new Malformed(`${where}: expected null, got value`);
  return null;
}
