// A model of GitHub's REST API as far as the connector uses it, with state, authentication, paging,
// rate limits and webhooks that are really delivered. github-simulator.test.mjs proves it with
// GitHub's own client and OpenAPI description.
//
//   node github-simulator.mjs [--port N] [--token T] [--repository OWNER/NAME ...]
//
// prints `ready http://127.0.0.1:PORT`. From a test:
//
//   const github = await startGithub({ tokens: ["t"], repositories: ["octo/hello"] });
//   github.failNext({ status: 429, headers: { "retry-after": "7" } });   // or { destroy: true }
//   github.setRateLimit({ limit: 60, remaining: 1, resetSeconds: 120 });
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Refusal, notFound, send } from "./github-simulator/answers.mjs";
import { createToken } from "./github-simulator/apps.mjs";
import { branchFrom, firstBranches } from "./github-simulator/branches.mjs";
import { Deliveries } from "./github-simulator/deliveries.mjs";
import { Oauth } from "./github-simulator/oauth.mjs";
import { match } from "./github-simulator/routes.mjs";
import { search } from "./github-simulator/search.mjs";
import * as shapes from "./github-simulator/shapes.mjs";

const MAX_BODY = 32 * 1024 * 1024;
const VERSIONS = new Set(["2022-11-28"]);

class Simulator {
  // What came in, oldest first: {method, path, headers, body}. Paths are without the base path.
  requests = [];
  deliveries = new Deliveries();
  #tokens;
  #repositories = [];
  #organizations = [];
  #apps;
  #oauth;
  #moved = new Map();
  #faults = [];
  #users = new Map();
  #id = 1000;
  #limit = { limit: 5000, remaining: 5000, reset: Math.floor(Date.now() / 1000) + 3600 };
  #server;
  #basePath;

  constructor({ tokens = ["test-token"], repositories = [], organizations = [], apps = [], people = [], basePath = "" } = {}) {
    this.#tokens = new Map(tokens.map((token) => [token, this.user("octocat")]));
    this.#basePath = basePath;
    this.#apps = apps; // [{id, publicKey, installations: [id]}]
    this.#oauth = new Oauth(this, people); // apps that people authorize
    for (const name of repositories) this.addRepository(name);
    for (const name of organizations) {
      this.#organizations.push({ id: this.nextId(), name, hooks: [], isOrganization: true });
    }
  }

  async listen(port = 0) {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.keepAliveTimeout = 60_000; // a client that is busy for seconds finds its connection
    await new Promise((done, fail) => this.#server.once("error", fail).listen(port, "127.0.0.1", done));
    this.url = `http://127.0.0.1:${this.#server.address().port}${this.#basePath}`;
    return this;
  }

  // Waits for deliveries under way, then ends every connection.
  async close() {
    await this.deliveries.settle();
    const closed = new Promise((done) => this.#server.close(done));
    this.#server.closeAllConnections();
    await closed;
  }

  nextId() { return ++this.#id; }

  user(login) {
    if (!this.#users.has(login)) this.#users.set(login, shapes.user(login, this.url ?? "https://api.github.com", this.nextId()));
    return this.#users.get(login);
  }

  addRepository(fullName, { hasIssues = true, description = null } = {}) {
    const [owner, name] = fullName.split("/");
    this.#repositories.push({
      id: this.nextId(), name, owner: this.user(owner), description, hasIssues,
      createdAt: shapes.now(), issues: [], hooks: [], events: [], pulls: [], releases: [], runs: [],
      branches: firstBranches() });
  }

  addToken(token, actor) { this.#tokens.set(token, actor); }

  // Tokens of apps are good no more: those of installations, or of people ("ghu_").
  revokeAppTokens(kind = "ghs_") {
    for (const token of this.#tokens.keys()) if (token.startsWith(kind)) this.#tokens.delete(token);
  }

  // A branch with what the default one holds now.
  addBranch(fullName, name) { branchFrom(this.#find(...fullName.split("/")), name); }

  // Requests for the old name get 301 with the new address, as after a rename at GitHub.
  renameRepository(fullName, newName) {
    const repo = this.#find(...fullName.split("/"));
    this.#moved.set(fullName.toLowerCase(), repo);
    repo.name = newName;
  }

  // The next `times` requests whose "METHOD /path" matches get this answer instead.
  failNext({ times = 1, match: pattern = /./, status = 500, headers = {}, body, destroy = false }) {
    this.#faults.push({ times, pattern, status, headers, body, destroy });
  }

  setRateLimit({ limit = 5000, remaining, resetSeconds }) {
    this.#limit = { limit, remaining, reset: Math.floor(Date.now() / 1000) + resetSeconds };
  }

  announce(repo, event, payload) {
    const organization = this.#organizations.find(({ name }) => name === repo.owner.login);
    for (const hook of [...repo.hooks, ...(organization?.hooks ?? [])]) {
      if (!hook.active || !(hook.events.includes(event) || hook.events.includes("*"))) continue;
      void this.deliveries.send(hook, repo.id, event, payload);
    }
  }

  #find(owner, name) {
    return this.#repositories.find((repo) =>
      repo.owner.login.toLowerCase() === owner?.toLowerCase()
      && repo.name.toLowerCase() === name?.toLowerCase());
  }

  async #answer(request, response) {
    try {
      const raw = await readBody(request);
      const url = new URL(request.url, "http://simulator");
      const isUpload = url.pathname.startsWith("/api/uploads/");
      const base = isUpload ? "/api/uploads" : this.#basePath;
      const path = url.pathname.startsWith(`${base}/`) ? url.pathname.slice(base.length) : null;
      this.requests.push({ method: request.method, path: (path ?? "") + url.search,
                           headers: request.headers, body: raw.toString("utf8") });
      const fault = this.#fault(`${request.method} ${path}`);
      if (fault?.destroy) return void request.socket.destroy();
      if (fault) return void send(request, response, {
        ...fault, body: fault.body ?? new Refusal(fault.status, "An injected failure").body });
      const ofPeople = this.#oauth.answer(request, url, raw);
      if (ofPeople) return void send(request, response, ofPeople);
      this.#count(response);
      const installation = /^\/app\/installations\/(\d+)\/access_tokens$/.exec(path ?? "")?.[1];
      if (installation && request.method === "POST") {
        return void send(request, response, createToken(this, this.#apps, request, installation));
      }
      const actor = this.#authenticate(request);
      send(request, response, this.#route(request, path, url, actor, raw, isUpload));
    } catch (error) {
      if (request.socket.destroyed) return;
      if (!(error instanceof Refusal)) throw error;
      send(request, response, error);
    }
  }

  #fault(line) {
    const fault = this.#faults.find(({ pattern }) => pattern.test(line));
    if (fault && --fault.times === 0) this.#faults.splice(this.#faults.indexOf(fault), 1);
    return fault && { status: fault.status, headers: { ...fault.headers }, body: fault.body, destroy: fault.destroy };
  }

  #count(response) {
    const exhausted = this.#limit.remaining <= 0;
    if (!exhausted) this.#limit.remaining -= 1;
    const { limit, remaining, reset } = this.#limit;
    for (const [name, value] of Object.entries({ limit, remaining, used: limit - remaining, reset, resource: "core" })) {
      response.setHeader(`x-ratelimit-${name}`, String(value));
    }
    if (exhausted) throw new Refusal(403, "API rate limit exceeded for user ID 1. If you reach out to"
      + " GitHub Support for help, please include the request ID.");
  }

  #authenticate(request) {
    if (!request.headers["user-agent"]) {
      throw new Refusal(403, "Request forbidden by administrative rules. Please make sure your request"
        + " has a User-Agent header.");
    }
    const version = request.headers["x-github-api-version"];
    if (version !== undefined && !VERSIONS.has(version)) {
      throw new Refusal(400, `The API version "${version}" is not supported.`);
    }
    const given = request.headers.authorization;
    if (given === undefined) throw new Refusal(401, "Requires authentication");
    const actor = this.#tokens.get(/^(?:bearer|token) (.+)$/i.exec(given)?.[1]);
    if (!actor) throw new Refusal(401, "Bad credentials");
    return actor;
  }

  #route(request, path, url, actor, raw, isUpload) {
    const { method, headers } = request;
    if (method === "GET" && path === "/user") return { body: shapes.authenticatedUser(actor) };
    if (method === "GET" && path === "/installation/repositories") {
      const all = this.#repositories.map((repo) => shapes.repository(repo, this.url));
      return { body: { total_count: all.length, repositories: all } };
    }
    if (method === "GET" && path?.startsWith("/search/")) {
      return search(this.#repositories, path, url, this.url);
    }
    const [, login, tail = ""] = /^\/orgs\/([^/]+)(\/.*)?$/.exec(path ?? "") ?? [];
    if (login) return this.#ofOrganization(method, login, tail, url, actor, raw);
    const inside = /^\/(?:repos\/([^/]+)\/([^/]+)|repositories\/(\d+))(\/.*)?$/.exec(path ?? "");
    if (!inside) throw notFound();
    const [, owner, name, id, rest = ""] = inside;
    const repo = id ? this.#repositories.find((entry) => String(entry.id) === id)
                    : this.#find(decodeURIComponent(owner), decodeURIComponent(name));
    const canonical = (tail) => new URL(`${this.url}/repositories/${repo.id}/${tail}${url.search}`);
    if (!repo) throw this.#movedOrMissing(`${owner}/${name}`, rest);
    const route = match(method, rest, isUpload ? "uploads" : "repository");
    if (!route) throw notFound();
    const body = !isUpload && ["POST", "PATCH", "PUT"].includes(method) ? parse(raw) : {};
    return route.handler({ simulator: this, repo, base: this.url, url, actor, body, canonical, headers, raw,
                           uploads: `${new URL(this.url).origin}/api/uploads`, parameters: route.parameters });
  }

  #ofOrganization(method, login, rest, url, actor, raw) {
    const repo = this.#organizations.find(({ name }) => name.toLowerCase() === login.toLowerCase());
    const route = repo && match(method, rest, "organization");
    if (!route) throw notFound();
    const canonical = (tail) => new URL(`${this.url}/organizations/${repo.id}/${tail}${url.search}`);
    const body = ["POST", "PATCH"].includes(method) ? parse(raw) : {};
    return route.handler({ simulator: this, repo, base: this.url, url, actor, body, canonical,
                           parameters: route.parameters });
  }

  #movedOrMissing(fullName, rest) {
    const repo = this.#moved.get(fullName.toLowerCase());
    if (!repo) return notFound();
    const location = `${this.url}/repositories/${repo.id}${rest}`;
    const refusal = new Refusal(301, "Moved Permanently", { headers: { location } });
    refusal.body.url = location;
    return refusal;
  }
}

async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  if (size > MAX_BODY) throw new Refusal(413, "Request body is too large");
  return Buffer.concat(chunks);
}

function parse(raw) {
  if (raw.length === 0) return {};
  let body;
  try {
    body = JSON.parse(raw.toString("utf8"));
  } catch {
    throw new Refusal(400, "Problems parsing JSON");
  }
  if (body === null || typeof body !== "object" || Array.isArray(body)) {
    throw new Refusal(400, "Body should be a JSON object");
  }
  return body;
}

export function startGithub({ port = 0, ...options } = {}) {
  return new Simulator(options).listen(port);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: {
    port: { type: "string", default: "0" },
    token: { type: "string", multiple: true, default: ["test-token"] },
    repository: { type: "string", multiple: true, default: ["octo/hello"] } } });
  const github = await startGithub({
    port: Number(values.port), tokens: values.token, repositories: values.repository });
  console.log(`ready ${github.url}`);
  process.once("SIGTERM", () => void github.close());
}
