// A model of Dropbox as far as integrations use it: OAuth, files and folders with their history of
// changes, uploads in pieces, shared links, signed webhooks. dropbox-simulator*.test.mjs prove it
// with Dropbox' own client, and Dropbox' description of its API checks each answer.
//
// Not modelled: teams and shared folders, batches, search, history of
// revisions, properties, app folders.
//
//   node dropbox-simulator.mjs [--port N] [--app-key K] [--app-secret S]
//
// prints `ready http://127.0.0.1:PORT`, which serves all of Dropbox' hosts. From a test:
//
//   const dropbox = await startDropbox();
//   dropbox.url                                 everything at one address
//   dropbox.hosts.api .content .notify .www     each host by itself, with its own routes only
//   dropbox.token()  dropbox.refreshToken()     for dropbox.account
//   dropbox.failNext({ match: /upload/, status: 500 });    see simulator-server.mjs
//   dropbox.limitNext(7, { match: /list_folder/ });        429 with Retry-After: 7
//   dropbox.tokens.expire();                               expired_access_token
//   dropbox.tokens.allowRedirect("http://127.0.0.1:8080/oauth/callback");
//   dropbox.account.write("/in/a.csv", "a;b\n");           as another device of this person does
//   dropbox.account.resetCursors();                        409 reset
//   await dropbox.webhooks.register(url);                  challenge, then notifications
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { ROUTES, checkAnswer } from "./dropbox-contract.mjs";
import { Account } from "./dropbox-simulator/account.mjs";
import { Failure, Malformed, rateLimited, refuse, send } from "./dropbox-simulator/answers.mjs";
import { argumentOf } from "./dropbox-simulator/arguments.mjs";
import { download } from "./dropbox-simulator/download.mjs";
import { accountOf, longpoll } from "./dropbox-simulator/listing.mjs";
import { RUNS } from "./dropbox-simulator/routes.mjs";
import { Tokens } from "./dropbox-simulator/tokens.mjs";
import { Webhooks } from "./dropbox-simulator/webhooks.mjs";
import { SimulatorServer } from "./simulator-server.mjs";

export const APP = {
  key: "simulatorkey123",
  secret: "simulatorsecret",
  redirectUris: ["http://127.0.0.1/callback"]
};

const PERSON = {
  id: "dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc",
  uid: 12345678,
  email: "person@example.com",
  name: "Pat Person"
};

class Dropbox extends SimulatorServer {
  hosts = {};
  temporary = new Map();
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
    response.route = name;
    if (!path.startsWith("/2/") || !(name in ROUTES) || !at(ROUTES[name].host)) {
      return void response
        .writeHead(404, { "content-type": "text/plain" })
        .end(`Unknown API function: "${name}" on this host`);
    }
    try {
      await this.#run(name, request, response, url, data);
    } catch (error) {
      if (error instanceof Failure && error.status === 409) checkAnswer(name, 409, error.body);
      throw error;
    }
  }

  async #run(name, request, response, url, data) {
    const { auth, scope, style } = ROUTES[name];
    if (auth === "noauth" && request.headers.authorization) {
      throw new Malformed('Unexpected HTTP header "Authorization": no access token is taken here.');
    }
    const account = auth === "noauth" ? undefined : this.tokens.authenticate(request, scope);
    const argument = argumentOf(name, request, url, data);
    if (style === "download") {
      const { result, body = Buffer.alloc(0), ...more } = download(account, argument, request);
      checkAnswer(name, 200, result);
      return send(response, { body, ...more });
    }
    const result = name.endsWith("/longpoll")
      ? await longpoll(accountOf(this.accounts, argument.cursor), argument, this.secondMs)
      : RUNS[name](account, argument, style === "upload" ? data : { dropbox: this, request });
    checkAnswer(name, 200, result);
    send(response, { body: result });
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
