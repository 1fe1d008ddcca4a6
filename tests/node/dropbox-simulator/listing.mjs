// list_folder, its cursors and its longpoll. A cursor stands for a place in the folder while it is
// read the first time, and for a place in the journal from then on.
import { Failure, Malformed } from "./answers.mjs";
import { deletedMetadata, lookup, metadata, parentOf } from "./tree.mjs";

const encode = (state) => `AAF${Buffer.from(JSON.stringify(state)).toString("base64url")}`;

function decode(account, cursor) {
  let state;
  try {
    state = JSON.parse(Buffer.from(/^AAF(.*)$/.exec(cursor)[1], "base64url"));
  } catch {
    throw new Malformed(`request body.cursor: Invalid "cursor" parameter: "${cursor}"`);
  }
  if (state.account !== account.id)
    throw new Malformed(
      'request body.cursor: Invalid "cursor" parameter: it is another account\'s'
    );
  if (state.generation !== account.generation) throw new Failure(["reset"]);
  return state;
}

// Where a cursor is of, whatever its account: longpoll has no token.
export function accountOf(accounts, cursor) {
  for (const account of accounts) {
    try {
      decode(account, cursor);
      return account;
    } catch (error) {
      if (error instanceof Failure) throw error;
    }
  }
  throw new Malformed(`request body.cursor: Invalid "cursor" parameter: "${cursor}"`);
}

function start(account, argument) {
  if (argument.path === "/")
    throw new Malformed(
      'request body.path: Specify the root folder as an empty string rather than as "/".'
    );
  const entry = argument.path === "" ? undefined : lookup(account.tree, argument.path);
  if (entry && !entry.folder) throw new Failure(["path", "not_folder"]);
  return {
    account: account.id,
    generation: account.generation,
    path: entry?.path.toLowerCase() ?? "",
    recursive: argument.recursive,
    deleted: argument.include_deleted,
    limit: argument.limit ?? account.pageSize,
    seen: account.tree.journal.length
  };
}

const within = (state, path) =>
  state.recursive
    ? path.startsWith(`${state.path}/`) || (state.path !== "" && path === state.path)
    : parentOf(path) === state.path;

// Everything there is, in the order of its paths, from behind `state.after`.
function snapshot(account, state) {
  const { tree } = account;
  const own = state.recursive && state.path !== "" ? [tree.find(state.path)].filter(Boolean) : [];
  const all = [...own, ...(state.recursive ? tree.below(state.path) : tree.inside(state.path))].map(
    (entry) => ({ key: entry.path.toLowerCase(), shown: () => metadata(entry) })
  );
  if (state.deleted) {
    const gone = new Map(
      tree.journal
        .slice(0, state.seen)
        .filter((one) => one.deleted && within(state, one.path) && !tree.find(one.path))
        .map((one) => [one.path, one.deleted])
    );
    for (const [key, path] of gone) all.push({ key, shown: () => deletedMetadata(path) });
  }
  return all
    .filter(({ key }) => state.after === undefined || key > state.after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

function page(account, state) {
  const rest = snapshot(account, state);
  const entries = rest.slice(0, state.limit);
  const more = rest.length > entries.length;
  const { after, ...done } = state;
  return {
    entries: entries.map(({ shown }) => shown()),
    has_more: more,
    cursor: encode(more ? { ...state, after: entries.at(-1).key } : { ...done, listed: true })
  };
}

// What changed since: each place once, as it is now. Only a folder that was deleted and made anew is
// shown as deleted before, because what was in it is gone.
function changes(account, state) {
  const entries = [];
  let at = state.seen;
  const { tree } = account;
  const last = new Map(tree.journal.map(({ path }, index) => [path, index]));
  for (; at < tree.journal.length && entries.length < state.limit; ++at) {
    const { path, deleted, folder } = tree.journal[at];
    if (!within(state, path)) continue;
    const entry = tree.find(path);
    if (entry && folder) entries.push(deletedMetadata(deleted));
    if (last.get(path) !== at) continue;
    // What is neither there nor noted as deleted went with the folder around it.
    if (entry) entries.push(metadata(entry));
    else if (deleted) entries.push(deletedMetadata(deleted));
  }
  const more = tree.journal.slice(at).some(({ path }) => within(state, path));
  return { entries, cursor: encode({ ...state, seen: at }), has_more: more };
}

export const listFolder = (account, argument) => page(account, start(account, argument));

export const latestCursor = (account, argument) => ({
  cursor: encode({ ...start(account, argument), listed: true })
});

export function listContinue(account, { cursor }) {
  const state = decode(account, cursor);
  if (state.path !== "" && !account.tree.find(state.path) && !state.listed)
    throw new Failure(["path", "not_found"]);
  return state.listed ? changes(account, state) : page(account, state);
}

// Resolves at a change, or when `seconds` of this simulator are over.
export function longpoll(account, { cursor, timeout }, secondMs) {
  const state = decode(account, cursor);
  const changed = () =>
    !state.listed ||
    account.generation !== state.generation ||
    account.tree.journal.slice(state.seen).some(({ path }) => within(state, path));
  return new Promise((answer) => {
    let timer;
    const look = () => {
      if (!changed()) return;
      finish(true);
    };
    const finish = (changes) => {
      clearTimeout(timer);
      account.waiting.delete(look);
      answer({ changes, ...(account.backoff ? { backoff: account.backoff } : {}) });
    };
    timer = setTimeout(() => finish(false), timeout * secondMs);
    // A client that went away must not keep the process alive.
    timer.unref();
    account.waiting.add(look);
    look();
  });
}
