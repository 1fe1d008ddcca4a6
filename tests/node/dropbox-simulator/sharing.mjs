// Shared links.
import { randomBytes } from "node:crypto";
import { Failure } from "./answers.mjs";
import { lookup, metadata, nameOf } from "./tree.mjs";

const PAGE = 100;

const permissions = (settings) => ({
  resolved_visibility: { ".tag": settings.link_password ? "password" : "public" },
  requested_visibility: { ".tag": settings.link_password ? "password" : "public" },
  can_revoke: true,
  visibility_policies: [],
  can_set_expiry: true,
  can_remove_expiry: true,
  allow_download: settings.allow_download ?? true,
  can_allow_download: true,
  can_disallow_download: true,
  allow_comments: true,
  team_restricts_comments: false
});

function show(account, link) {
  const entry = account.tree.find(link.id);
  const { client_modified, server_modified, rev, size } = metadata(entry);
  return {
    ".tag": entry.folder ? "folder" : "file",
    url: link.url,
    id: entry.id,
    name: nameOf(entry.path),
    path_lower: entry.path.toLowerCase(),
    ...(link.settings.expires ? { expires: link.settings.expires } : {}),
    link_permissions: permissions(link.settings),
    ...(entry.folder ? {} : { client_modified, server_modified, rev, size })
  };
}

export function createSharedLink(account, { path, settings = {} }) {
  const entry = lookup(account.tree, path);
  if (settings.require_password && !settings.link_password)
    throw new Failure(["settings_error", "invalid_settings"]);
  const there = account.links.find((link) => link.id === entry.id);
  if (there) {
    throw new Failure(["shared_link_already_exists", "metadata"], {
      error: {
        ".tag": "shared_link_already_exists",
        shared_link_already_exists: { ".tag": "metadata", metadata: show(account, there) }
      }
    });
  }
  const kind = entry.folder ? "fo" : "fi";
  const key = () => randomBytes(12).toString("hex");
  const link = {
    id: entry.id,
    settings,
    url: `https://www.dropbox.com/scl/${kind}/${key()}/${encodeURIComponent(nameOf(entry.path))}?rlkey=${key()}&dl=0`
  };
  account.links.push(link);
  return show(account, link);
}

// Also the links of the folders around it, unless `direct_only`.
export function listSharedLinks(account, { path, cursor, direct_only: direct }) {
  const from = cursor ? Number(Buffer.from(cursor, "base64url").toString()) : 0;
  if (!Number.isInteger(from)) throw new Failure(["reset"]);
  const entry = path === undefined ? undefined : lookup(account.tree, path);
  const all = account.links.filter((link) => {
    const shared = account.tree.find(link.id);
    if (!shared || !entry) return Boolean(shared);
    return (
      shared === entry ||
      (!direct && `${entry.path.toLowerCase()}/`.startsWith(`${shared.path.toLowerCase()}/`))
    );
  });
  const links = all.slice(from, from + PAGE).map((link) => show(account, link));
  const more = from + PAGE < all.length;
  return {
    links,
    has_more: more,
    ...(more ? { cursor: Buffer.from(String(from + PAGE)).toString("base64url") } : {})
  };
}

export function revokeSharedLink(account, { url }) {
  const at = account.links.findIndex((link) => link.url === url);
  if (at < 0) throw new Failure(["shared_link_not_found"]);
  account.links.splice(at, 1);
  return null;
}
