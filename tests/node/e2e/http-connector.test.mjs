// The connector http against a server and an OpenID provider: requests, pages, files through a form,
// redirects without credentials, client credentials, and webhooks that hold several events.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { test } from "node:test";
import { MACHINE, startProvider } from "../oidc.mjs";
import { CALLBACK } from "./account.mjs";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const TOKEN = "token-of-the-http-test";
const SECRET = "secret-of-the-http-test";
const WORD = "word-of-the-http-test";

const INTEGRATION = `manifest: "1"
integration: { namespace: test, name: http, version: 1.0.0 }
connectors: { http: "*" }
connections:
  api: { connector: http, type: bearer }
  robot: { connector: http, type: oauth2ClientCredentialsPost }
config:
  secret: { type: secret, required: true }
  word: { type: secret, required: true }
flows:
  ask:
    trigger: { webhook: { respond: { mode: result, within: PT60S } } }
    do:
      - go:
          call: http.request
          with:
            connection: api
            method: "\${ .body.method }"
            path: "\${ .body.path }"
            query: "\${ .body.query }"
            json: "\${ .body.json }"
            expect: "\${ .body.expect }"
      - tell: { set: "\${ { result: . } }" }
  list:
    trigger: { webhook: { respond: { mode: result, within: PT60S } } }
    do:
      - page:
          call: http.listPages
          with: { connection: api, path: /items, items: data, limit: 4, cursor: "\${ .body.cursor }" }
  copy:
    trigger: { webhook: { respond: { mode: result, within: PT60S } } }
    do:
      - fetch: { call: http.downloadFile, with: { connection: api, path: /report } }
      - send:
          call: http.uploadFile
          with:
            connection: api
            path: /form
            as: multipart
            file: "\${ $steps.fetch.file }"
            fileName: "\${ $steps.fetch.name }"
            fields: { title: Größe }
      - tell: { set: "\${ { got: $steps.send.body } }" }
  machine:
    trigger: { webhook: { respond: { mode: result, within: PT60S } } }
    do:
      - go: { call: http.request, with: { connection: robot, path: /machine } }
      - tell: { set: "\${ { got: $steps.go.body } }" }
  command:
    trigger:
      webhook:
        body: form
        verify: { call: http.verifyHmac, with: { secret: { $ref: config.secret }, header: X-Signature } }
        respond: { mode: result }
    do:
      - tell: { set: { got: "\${ .body }" } }
  events:
    trigger:
      webhook:
        verify:
          call: http.verifyHmac
          with:
            secret: { $ref: config.secret }
            header: X-Hub-Signature-256
            prefix: "sha256="
            split: { list: events, dedupe: id, key: account }
            acknowledge: { status: 200, headers: { Content-Type: text/xml }, body: "<Ack/>" }
            challenge: { token: { $ref: config.word }, body: challenge, when: { type: url_verification } }
    do:
      - keep:
          call: http.request
          with:
            connection: api
            method: POST
            path: /events
            json: { event: "\${ .body }", signed: "\${ .headers[\\"x-hub-signature-256\\"] != null }" }
            idempotencyHeader: Idempotency-Key
`;

const INSTANCE = `instance: acme
customer: acme
integration: test/http
connections:
  api: { type: bearer, baseUrl: { $env: API }, token: { $env: API_TOKEN } }
  robot:
    type: oauth2ClientCredentialsPost
    baseUrl: { $env: PROVIDER }
    tokenUrl: { $env: PROVIDER_TOKENS }
    clientId: ${MACHINE.id}
    clientSecret: { $env: MACHINE_SECRET }
    scopes: api
config: { secret: { $env: SECRET }, word: { $env: WORD } }
`;

const REPORT = Buffer.alloc(3_000_000, "a,b\n1,2\n");

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

// The API, and a second origin to which it sends people away.
async function startApi(t) {
  const state = { events: [], keys: new Set(), requests: [], away: [] };
  const serve = async (handler) => {
    const server = createServer((request, response) => {
      handler(request, response).catch((error) => { response.writeHead(500); response.end(String(error)); });
    });
    await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
    t.after(() => new Promise((done) => { server.close(done); server.closeAllConnections(); }));
    return `http://127.0.0.1:${server.address().port}`;
  };
  const json = (response, status, body, headers = {}) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
  state.other = await serve(async (request, response) => {
    state.away.push(request.headers);
    json(response, 200, { landed: true });
  });
  state.url = await serve(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, state.url);
    const body = await bodyOf(request);
    state.requests.push(`${request.method} ${request.url}`);
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return json(response, 401, { message: "who?" });
    if (pathname === "/v1/items") {
      const from = Number(searchParams.get("from") ?? 0);
      const data = Array.from({ length: 3 }, (_, i) => from + i).filter((n) => n < 10);
      const link = from + 3 < 10 ? { link: `</v1/items?from=${from + 3}>; rel="next"` } : {};
      return json(response, 200, { data }, link);
    }
    if (pathname === "/v1/report") {
      response.writeHead(200, { "content-type": "text/csv", "content-disposition": 'attachment; filename="r 1.csv"' });
      return response.end(REPORT);
    }
    if (pathname === "/v1/form") {
      const form = await new Response(body, { headers: { "content-type": request.headers["content-type"] } }).formData();
      const file = form.get("file");
      const same = Buffer.compare(Buffer.from(await file.arrayBuffer()), REPORT) === 0;
      return json(response, 201, { title: form.get("title"), name: file.name, type: file.type, same });
    }
    if (pathname === "/v1/events") {
      const key = request.headers["idempotency-key"];
      if (!state.keys.has(key)) state.events.push(JSON.parse(body));
      state.keys.add(key);
      return json(response, 201, {});
    }
    if (pathname === "/v1/away") {
      response.writeHead(302, { location: `${state.other}/landing` });
      return response.end();
    }
    if (pathname === "/v1/busy") return json(response, 429, { message: "slowly" }, { "retry-after": "7" });
    if (pathname.startsWith("/v1/echo/")) {
      return json(response, 200, { path: request.url, method: request.method, body: body.toString() });
    }
    return json(response, 404, { message: "nothing here" });
  });
  return state;
}

async function start(t) {
  const api = await startApi(t);
  const provider = await startProvider({ redirectUri: CALLBACK });
  t.after(() => provider.close());
  const world = new World();
  const file = world.write;
  await world.start(t, {
    connectors: ["http"], apply: [file("http.yaml", INTEGRATION), file("acme.yaml", INSTANCE)],
    arguments: [api.url, api.other, provider.url].flatMap((url) => ["--allow-egress", new URL(url).host]),
    env: { API: `${api.url}/v1`, API_TOKEN: TOKEN, PROVIDER: provider.url, PROVIDER_TOKENS: `${provider.url}/token`,
           MACHINE_SECRET: MACHINE.secret, SECRET, WORD },
  });
  const run = (flow, body = {}) => world.post(
    { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }, world.hooks()[flow]);
  return { api, provider, world, run };
}

test("requests, pages, files and tokens", async (t) => {
  const { api, world, run } = await start(t);

  const echo = await run("ask", { method: "PUT", path: ["echo", "a/b ü"], query: { q: [1, "x&y"] }, json: { n: 1 } });
  assert.equal(echo.status, 200, JSON.stringify(echo.body));
  assert.deepEqual(echo.body.result.body,
                   { path: "/v1/echo/a%2Fb%20%C3%BC?q=1&q=x%26y", method: "PUT", body: '{"n":1}' });

  const missing = await run("ask", { path: "/nothing" });
  assert.equal(missing.status, 404);
  assert.match(missing.body.detail, /nothing here/);
  assert.equal((await run("ask", { path: "/nothing", expect: ["2xx", 404] })).body.result.status, 404);
  assert.equal((await run("ask", { path: "/busy" })).status, 429);

  const before = api.requests.length;
  for (const path of ["/../v2", "/%2e%2e/v2", "/..%2fv2"]) {
    assert.equal((await run("ask", { path })).status, 400, path);
  }
  assert.equal(api.requests.length, before, "nothing outside the base was asked");

  const away = await run("ask", { path: "/away" });
  assert.deepEqual(away.body.result?.body, { landed: true }, JSON.stringify(away.body));
  assert.equal(api.away.length, 1);
  assert.equal(api.away[0].authorization, undefined, "another origin gets no credentials");

  const seen = [];
  let cursor = null;
  for (let calls = 1; ; ++calls) {
    const page = await run("list", { cursor });
    assert.equal(page.status, 200, JSON.stringify(page.body));
    seen.push(...page.body.items);
    assert.ok(page.body.items.length <= 4 && calls <= 5);
    if (!page.body.more) break;
    cursor = page.body.cursor;
  }
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);

  const copied = await run("copy");
  assert.deepEqual(copied.body.got, { title: "Größe", name: "r 1.csv", type: "text/csv", same: true },
                   JSON.stringify(copied.body));

  const machine = await run("machine");
  assert.deepEqual(machine.body.got, { client: MACHINE.id }, JSON.stringify(machine.body));
  await world.stopCleanly();
});

test("a signed form is an object, and its signature is that of the raw body", async (t) => {
  const { world } = await start(t);
  const send = async (body, secret = SECRET) => {
    const signature = createHmac("sha256", secret).update(body).digest("hex");
    return world.post({ body, headers: { "content-type": "application/x-www-form-urlencoded",
                                         "x-signature": signature } }, world.hooks().command);
  };
  const form = new URLSearchParams({ command: "/ticket", text: "Größe & more = 1+1" });
  form.append("tag", "a");
  form.append("tag", "b");
  assert.deepEqual(await send(String(form)), {
    status: 200, body: { got: { command: "/ticket", text: "Größe & more = 1+1", tag: ["a", "b"] } } });
  assert.equal((await send(String(form), "forged")).status, 401);
  const broken = await send("text=100%");
  assert.deepEqual([broken.status, broken.body.title], [400, "The body is not a form"]);
  assert.equal((await send("text=100%", "forged")).status, 401, "the signature comes first");
  await world.stopCleanly();
});

test("a signed request with several events, and a sender that asks first", async (t) => {
  const { api, world } = await start(t);
  const url = world.hooks().events;
  const sign = (body, secret = SECRET) => ({
    "content-type": "application/json",
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` });
  const send = (body, secret) => fetch(url, { method: "POST", body, headers: sign(body, secret) });
  const get = (at, query) => fetch(`${at}?${new URLSearchParams(query)}`);

  const asked = await get(url, { "hub.mode": "subscribe", "hub.verify_token": WORD, "hub.challenge": "17<b>" });
  assert.equal(asked.status, 200);
  assert.equal(await asked.text(), "17<b>");
  assert.match(asked.headers.get("content-type"), /^text\/plain/);
  assert.equal((await get(url, { "hub.verify_token": "wrong", "hub.challenge": "17" })).status, 401);
  assert.equal((await get(world.hooks().ask, { "hub.challenge": "17" })).status, 405);
  assert.equal((await fetch(url, { method: "HEAD" })).status, 405);

  const question = JSON.stringify({ type: "url_verification", challenge: "18<b>" });
  const answered = await send(question);
  assert.equal(answered.status, 200);
  assert.equal(await answered.text(), "18<b>");
  assert.match(answered.headers.get("content-type"), /^text\/plain/);
  assert.equal((await send(question, "forged")).status, 401, "only a signed question is answered");

  const batch = (...ids) => JSON.stringify(
    { events: ids.map((id) => ({ id, account: "a", at: Math.random() })) });
  const first = await send(batch(1, 2, 3));
  assert.equal(first.status, 200);
  assert.equal(await first.text(), "<Ack/>");
  assert.equal(first.headers.get("content-type"), "text/xml");
  assert.equal((await send(batch(4), "forged")).status, 401);
  assert.equal((await send(batch(3, 5))).status, 200, "3 was here before");
  assert.equal((await send(batch())).status, 200);
  await waitFor("all events", () => api.events.length >= 4);
  await world.stopCleanly();
  assert.deepEqual(api.events.map(({ event }) => event.id), [1, 2, 3, 5], "in order, each once");
  assert.ok(api.events.every(({ signed }) => signed));
});
