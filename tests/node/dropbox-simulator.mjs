// A model of Dropbox as far as integrations use it: OAuth, files and folders with their history of
// changes, uploads in pieces, shared links, signed webhooks. dropbox-simulator.test.mjs proves it
// with Dropbox' own client.
//
//   node dropbox-simulator.mjs [--port N] [--app-key K] [--app-secret S]
//
// prints `ready http://127.0.0.1:PORT`, which serves all of Dropbox' hosts. From a test:
//
//   const dropbox = await startDropbox();
//   dropbox.url                                 everything at one address
//   dropbox.hosts.api .content .notify .www     each host by itself, which knows its own routes only
//   dropbox.token()  dropbox.refreshToken()     for dropbox.account
//   dropbox.failNext({ match: /upload/, status: 500 });    see simulator-server.mjs
//   dropbox.limitNext(7, { match: /list_folder/ });        429 with Retry-After: 7
//   dropbox.tokens.expire();                               expired_access_token
//   dropbox.account.write("/in/a.csv", "a;b\n");           as another device of this person does
//   dropbox.account.resetCursors();                        409 reset
//   await dropbox.webhooks.register(url);                  challenge, then notifications
import { randomBytes } from "node:crypto";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import {
  Failure,
  Malformed,
  headerJson,
  rateLimited,
  refuse,
  send
} from "./dropbox-simulator/answers.mjs";
import { ARGUMENTS, argument } from "./dropbox-simulator/arguments.mjs";
import {
  accountOf,
  latestCursor,
  listContinue,
  listFolder,
  longpoll
} from "./dropbox-simulator/listing.mjs";
import {
  createSharedLink,
  listSharedLinks,
  revokeSharedLink
} from "./dropbox-simulator/sharing.mjs";
import { Tokens } from "./dropbox-simulator/tokens.mjs";
import { Tree, deletedMetadata, lookup, metadata } from "./dropbox-simulator/tree.mjs";
import { Webhooks } from "./dropbox-simulator/webhooks.mjs";
import * as writing from "./dropbox-simulator/writing.mjs";
import { SimulatorServer } from "./simulator-server.mjs";

export const APP = {
  key: "simulatorkey123",
  secret: "simulatorsecret",
  redirectUris: ["http://127.0.0.1/callback"]
};

const ROUTES = {
  "users/get_current_account": { scope: "account_info.read", run: (account) => account.shown() },
  "users/get_space_usage": {
    scope: "account_info.read",
    run: (account) => ({
      used: account.used(),
      allocation: { ".tag": "individual", allocated: account.quota }
    })
  },
  "check/user": { scope: "account_info.read", run: (_, { query }) => ({ result: query }) },
  "auth/token/revoke": {
    run: (account, _, { dropbox, request }) => {
      dropbox.tokens.end(request);
      return null;
    }
  },
  "files/list_folder": { scope: "files.metadata.read", run: listFolder },
  "files/list_folder/continue": { scope: "files.metadata.read", run: listContinue },
  "files/list_folder/get_latest_cursor": { scope: "files.metadata.read", run: latestCursor },
  "files/list_folder/longpoll": { host: "notify" },
  "files/get_metadata": { scope: "files.metadata.read", run: getMetadata },
  "files/get_temporary_link": { scope: "files.content.read", run: temporaryLink },
  "files/create_folder_v2": { scope: "files.content.write", run: writing.createFolder },
  "files/delete_v2": { scope: "files.content.write", run: writing.remove },
  "files/move_v2": {
    scope: "files.content.write",
    run: (account, given) => writing.relocate(account, given, true)
  },
  "files/copy_v2": {
    scope: "files.content.write",
    run: (account, given) => writing.relocate(account, given, false)
  },
  "files/download": { host: "content", style: "download", scope: "files.content.read" },
  "files/upload": {
    host: "content",
    style: "upload",
    scope: "files.content.write",
    run: writing.upload
  },
  "files/upload_session/start": {
    host: "content",
    style: "upload",
    scope: "files.content.write",
    run: writing.sessionStart
  },
  "files/upload_session/append_v2": {
    host: "content",
    style: "upload",
    scope: "files.content.write",
    run: writing.sessionAppend
  },
  "files/upload_session/finish": {
    host: "content",
    style: "upload",
    scope: "files.content.write",
    run: writing.sessionFinish
  },
  "sharing/create_shared_link_with_settings": { scope: "sharing.write", run: createSharedLink },
  "sharing/list_shared_links": { scope: "sharing.read", run: listSharedLinks },
  "sharing/revoke_shared_link": { scope: "sharing.write", run: revokeSharedLink }
};

function getMetadata(account, { path, include_deleted: deleted }) {
  const gone =
    deleted &&
    !account.tree.find(path) &&
    account.tree.journal.findLast((one) => one.path === path.toLowerCase() && one.deleted);
  return gone ? deletedMetadata(gone.deleted) : metadata(lookup(account.tree, path));
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

// One person's Dropbox.
class Account {
  pageSize = 500;
  quota = 2 ** 31;
  generation = 1;
  // Seconds that longpoll asks the next caller to wait.
  backoff = 0;
  waiting = new Set();
  sessions = new Map();
  links = [];

  constructor({ id, uid, email, name }, now, onChange) {
    Object.assign(this, { id, uid, email, name });
    this.tree = new Tree(now, () => {
      onChange(this);
      for (const look of [...this.waiting]) look();
    });
  }

  write(path, data) {
    return this.tree.write(path, Buffer.from(data));
  }
  delete(path) {
    this.tree.remove(lookup(this.tree, path));
  }
  read(path) {
    return this.tree.find(path)?.data;
  }
  used() {
    return this.tree.below("").reduce((sum, entry) => sum + (entry.data?.length ?? 0), 0);
  }

  resetCursors() {
    this.generation += 1;
    for (const look of [...this.waiting]) look();
  }

  shown() {
    const [given, surname] = this.name.split(" ");
    const root = String(this.uid);
    return {
      account_id: this.id,
      name: {
        given_name: given,
        surname,
        familiar_name: given,
        display_name: this.name,
        abbreviated_name: given[0] + surname[0]
      },
      email: this.email,
      email_verified: true,
      disabled: false,
      country: "DE",
      locale: "en",
      referral_link: "https://www.dropbox.com/referrals/simulator",
      is_paired: false,
      account_type: { ".tag": "basic" },
      root_info: { ".tag": "user", root_namespace_id: root, home_namespace_id: root }
    };
  }
}

const PERSON = {
  id: "dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc",
  uid: 12345678,
  email: "person@example.com",
  name: "Pat Person"
};

class Dropbox extends SimulatorServer {
  hosts = {};
  temporary = new Map();
  // Each answer of a route: {route, argument, status, result}, for checks against the description.
  exchanges = [];
  // What longpoll takes for a second.
  secondMs = 1000;

  constructor({ app = APP, accounts = [PERSON], now = Date.now } = {}) {
    super();
    this.webhooks = new Webhooks(app.secret);
    this.accounts = accounts.map(
      (one) => new Account(one, now, (account) => this.webhooks.changed(account))
    );
    this.account = this.accounts[0];
    this.tokens = new Tokens({ app, now });
  }

  async listen(port = 0) {
    const start = (host, at) =>
      this.open(at, {
        refuse: (response, error) => refuse(response, error, response.route),
        injected: ({ status }) => ({
          error_summary: "injected/..",
          error: { ".tag": status === 401 ? "invalid_access_token" : "injected" }
        }),
        handle: (...all) => this.#handle(host, ...all)
      });
    this.url = await start(undefined, port);
    for (const host of ["api", "content", "notify", "www"]) this.hosts[host] = await start(host, 0);
    return this;
  }

  async close() {
    await this.webhooks.stop();
    await this.shut();
  }

  token(account = this.account, scope) {
    return this.tokens.open(account, scope);
  }
  refreshToken(account = this.account) {
    return this.tokens.grantRefreshToken(account);
  }

  limitNext(seconds, more = {}) {
    const { headers, body } = rateLimited(seconds, more.reason);
    this.failNext({ ...more, status: 429, headers, body });
  }

  async #handle(host, request, response, url, data) {
    const path = url.pathname;
    const at = (...names) => host === undefined || names.includes(host);
    if (path === "/oauth2/authorize" && at("www"))
      return this.tokens.authorize(response, url.searchParams, this.account);
    if (path === "/oauth2/token" && request.method === "POST" && at("api"))
      return this.tokens.answer(request, response, url, data);
    if (path.startsWith("/temporary/") && at("content"))
      return this.#temporary(response, path.slice("/temporary/".length));
    const name = path.replace(/^\/2\//, "");
    const route = path.startsWith("/2/") ? ROUTES[name] : undefined;
    response.route = name;
    if (!route || !at(route.host ?? "api")) {
      return void response
        .writeHead(404, { "content-type": "text/plain" })
        .end(`Unknown API function: "${name}" on this host`);
    }
    const exchange = { route: name };
    try {
      await this.#route(route, name, exchange, { request, response, url, data });
    } catch (error) {
      if (error instanceof Failure)
        Object.assign(exchange, { status: error.status, result: error.body });
      throw error;
    } finally {
      this.exchanges.push(exchange);
    }
  }

  async #route(route, name, exchange, { request, response, url, data }) {
    const account = name.endsWith("longpoll")
      ? undefined
      : this.tokens.authenticate(request, route.scope);
    const given = route.style
      ? this.#headerArgument(route, name, request, url)
      : this.#bodyArgument(name, request, data);
    exchange.argument = given;
    const answer = (result, more = {}) => {
      Object.assign(exchange, { status: 200, result });
      send(response, { body: result, ...more });
    };
    if (name.endsWith("longpoll")) {
      if (request.headers.authorization)
        throw new Malformed(
          'Unexpected HTTP header "Authorization": this function takes no access token.'
        );
      return answer(await longpoll(accountOf(this.accounts, given.cursor), given, this.secondMs));
    }
    if (route.style === "download") return this.#download(account, given, request, answer);
    answer(route.run(account, given, route.style ? data : { dropbox: this, request }));
  }

  #bodyArgument(name, request, data) {
    if (request.method !== "POST")
      throw new Malformed(`Method "${request.method}" is not allowed here. Expecting "POST".`);
    const type = request.headers["content-type"] ?? "";
    const none = ARGUMENTS[name] === null && data.length === 0;
    if (!/^application\/json(;|$)/.test(type) && !(none && type === "")) {
      throw new Malformed(
        `Bad HTTP "Content-Type" header: "${type}".  Expecting one of "application/json", "application/json; charset=utf-8",` +
          ' "text/plain; charset=dropbox-cors-hack".'
      );
    }
    return argument(name, data.toString("utf8"), "request body");
  }

  #headerArgument({ style }, name, request, url) {
    const given = request.headers["dropbox-api-arg"] ?? url.searchParams.get("arg");
    if (given === null)
      throw new Malformed('Must provide HTTP header "Dropbox-API-Arg" or URL parameter "arg".');
    // Node gives bytes above ASCII as Latin-1; Dropbox takes none of them in a header.
    if (request.headers["dropbox-api-arg"] && /[^\x20-\x7e]/.test(given)) {
      throw new Malformed('HTTP header "Dropbox-API-Arg": could not decode input as JSON');
    }
    const type = request.headers["content-type"] ?? "";
    const good =
      style === "upload"
        ? /^application\/octet-stream(;|$)|^text\/plain; charset=dropbox-cors-hack$/
        : /^$|^text\/plain(;|$)|^application\/octet-stream(;|$)/;
    if (!good.test(type))
      throw new Malformed(
        `Bad HTTP "Content-Type" header: "${type}".  Expecting one of "application/octet-stream".`
      );
    return argument(
      name,
      given,
      request.headers["dropbox-api-arg"] ? 'HTTP header "Dropbox-API-Arg"' : 'URL parameter "arg"'
    );
  }

  #download(account, { path, rev }, request, answer) {
    const entry = lookup(account.tree, rev ? `rev:${rev}` : path);
    if (entry.folder) throw new Failure(["path", "not_file"]);
    const result = metadata(entry, { tag: false });
    const headers = {
      "dropbox-api-result": headerJson(result),
      "accept-ranges": "bytes",
      etag: `W/"${entry.rev}"`,
      "original-content-length": String(entry.data.length)
    };
    if (request.headers["if-none-match"] === headers.etag)
      return answer(result, { status: 304, headers, body: Buffer.alloc(0) });
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    if (from === undefined) return answer(result, { headers, body: entry.data });
    if (Number(from) >= entry.data.length)
      return answer(result, {
        status: 416,
        headers: { "content-range": `bytes */${entry.data.length}` },
        body: Buffer.alloc(0)
      });
    const end = Math.min(to === "" ? Infinity : Number(to) + 1, entry.data.length);
    answer(result, {
      status: 206,
      body: entry.data.subarray(Number(from), end),
      headers: { ...headers, "content-range": `bytes ${from}-${end - 1}/${entry.data.length}` }
    });
  }

  #temporary(response, key) {
    const data = this.temporary.get(key);
    if (!data)
      return void response
        .writeHead(410, { "content-type": "text/plain" })
        .end("This link has expired");
    send(response, { body: data });
  }
}

export function startDropbox({ port = 0, ...options } = {}) {
  return new Dropbox(options).listen(port);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "0" },
      "app-key": { type: "string", default: APP.key },
      "app-secret": { type: "string", default: APP.secret }
    }
  });
  const dropbox = await startDropbox({
    port: Number(values.port),
    app: { ...APP, key: values["app-key"], secret: values["app-secret"] }
  });
  console.log(`ready ${dropbox.url}`);
  process.once("SIGTERM", () => void dropbox.close());
}
