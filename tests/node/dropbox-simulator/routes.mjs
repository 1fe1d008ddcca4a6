// What each route does; where it is, what it takes and which scope it needs is in Dropbox' own
// description.
import { randomBytes } from "node:crypto";
import { Failure } from "./answers.mjs";
import { latestCursor, listContinue, listFolder } from "./listing.mjs";
import * as sessions from "./sessions.mjs";
import { createSharedLink, listSharedLinks, revokeSharedLink } from "./sharing.mjs";
import { deletedMetadata, lookup, metadata } from "./tree.mjs";
import * as writing from "./writing.mjs";

// RPC: (account, argument, { dropbox, request }); upload: (account, argument, data). Longpoll and
// download answer in ways of their own.
export const RUNS = {
  "users/get_current_account": (account) => account.shown(),
  "users/get_space_usage": (account) => ({
    used: account.used(),
    allocation: { ".tag": "individual", allocated: account.quota }
  }),
  "check/user": (_, { query }) => ({ result: query }),
  "auth/token/revoke": (_account, _argument, { dropbox, request }) => {
    dropbox.tokens.end(request);
    return null;
  },
  "files/list_folder": listFolder,
  "files/list_folder/continue": listContinue,
  "files/list_folder/get_latest_cursor": latestCursor,
  "files/get_metadata": getMetadata,
  "files/get_temporary_link": temporaryLink,
  "files/create_folder_v2": writing.createFolder,
  "files/delete_v2": writing.remove,
  "files/move_v2": (account, argument) => writing.relocate(account, argument, true),
  "files/copy_v2": (account, argument) => writing.relocate(account, argument, false),
  "files/upload": writing.upload,
  "files/upload_session/start": sessions.sessionStart,
  "files/upload_session/append_v2": sessions.sessionAppend,
  "files/upload_session/finish": sessions.sessionFinish,
  "sharing/create_shared_link_with_settings": createSharedLink,
  "sharing/list_shared_links": listSharedLinks,
  "sharing/revoke_shared_link": revokeSharedLink
};

function getMetadata(account, { path, include_deleted: deleted }) {
  const { tree } = account;
  const gone =
    deleted &&
    !tree.find(path) &&
    tree.journal.findLast((one) => one.path === path.toLowerCase() && one.deleted);
  return gone ? deletedMetadata(gone.deleted) : metadata(lookup(tree, path));
}

function temporaryLink(account, { path }, { dropbox }) {
  const entry = lookup(account.tree, path);
  if (entry.folder) throw new Failure(["path", "not_file"]);
  const key = randomBytes(16).toString("hex");
  dropbox.temporary.set(key, entry.data);
  return {
    metadata: metadata(entry, { tag: false }),
    link: `${dropbox.hosts.content}/temporary/${key}`
  };
}
