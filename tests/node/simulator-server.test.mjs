// The faults that both simulators can be asked for.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { SimulatorServer } from "./simulator-server.mjs";

const BODY = "0123456789".repeat(1000);
let server;
let url;
let done;

const get = async (path = "/a?b=c", init) => {
  const response = await fetch(url + path, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
};

describe("simulator server", () => {
  beforeEach(async () => {
    done = 0;
    server = new SimulatorServer();
    url = await server.open(0, {
      maxBody: 1000,
      injected: ({ status }) => ({ injected: status }),
      refuse: (response, error) =>
        response.writeHead(error.tooLarge ? 413 : 500).end(error.message),
      handle: (_request, response) => {
        done += 1;
        response.writeHead(200, { "x-mark": "1" }).end(BODY);
      }
    });
  });
  afterEach(() => server.shut());

  test("an answer in place of the real one, as often as asked, where it matches", async () => {
    server.failNext({
      times: 2,
      match: /GET \/a\?b=c/,
      status: 503,
      headers: { "retry-after": "3" }
    });
    assert.equal((await get("/other")).status, 200);
    for (let i = 0; i < 2; ++i) {
      const { status, headers, text } = await get();
      assert.deepEqual([status, headers.get("retry-after"), text], [503, "3", '{"injected":503}']);
    }
    assert.equal((await get()).status, 200);
    assert.equal(done, 2);
  });

  test("reset before or after it is done", async () => {
    server.failNext({ destroy: true });
    await assert.rejects(get());
    assert.equal(done, 0);
    server.failNext({ lose: true });
    await assert.rejects(get());
    assert.equal(done, 1);
    assert.equal((await get()).text, BODY);
  });

  test("reset in the middle of the body", async () => {
    server.failNext({ cutAfter: 100 });
    const response = await fetch(`${url}/a`);
    assert.deepEqual([response.status, response.headers.get("x-mark")], [200, "1"]);
    let seen = 0;
    await assert.rejects(async () => {
      for await (const chunk of response.body) seen += chunk.length;
    });
    assert.equal(seen, 100);
  });

  test("slow: the whole answer late, or piece by piece", async () => {
    const since = performance.now();
    server.failNext({ delayMs: 60 });
    assert.equal((await get()).text, BODY);
    server.failNext({ pieces: 4, everyMs: 15 });
    assert.equal((await get()).text, BODY);
    assert.ok(performance.now() - since >= 110);
  });

  test("faults can be taken back; requests are kept", async () => {
    server.failNext({ times: 5, status: 500 });
    server.clearFaults();
    await get("/x?y=1", { method: "POST", body: "ü" });
    const [{ method, path, body }] = server.requests;
    assert.deepEqual([method, path, body], ["POST", "/x?y=1", "ü"]);
    assert.equal((await get("/x", { method: "POST", body: "x".repeat(1001) })).status, 413);
  });
});
