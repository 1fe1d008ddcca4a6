// What must not get in: a clear answer, and not a row written.
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { test } from "node:test";
import { signedRequest } from "../webhook-examples.mjs";
import { issueEvent } from "./issues.mjs";
import { converse, head } from "./raw-requests.mjs";
import { SECRET, World } from "./world.mjs";

const MEBIBYTE = 1024 * 1024;

async function signed(payload, secret = SECRET) {
  return signedRequest({ event: "issues", payload, secret, delivery: randomUUID() });
}

async function assertNothingWritten(world) {
  assert.deepEqual(await world.executions(), []);
  assert.equal((await world.tickets()).size, 0);
  // And the door still opens.
  const good = await world.post(await signed(issueEvent("opened", { number: 1 })));
  assert.equal(good.status, 202);
  await world.settled();
  assert.equal((await world.tickets()).size, 1);
  await world.stopCleanly();
}

test("unsigned, forged and changed requests get 401", async (t) => {
  const world = await World.start(t);
  const genuine = await signed(issueEvent("opened", { number: 1 }));
  const without = (name) => {
    const { [name]: _, ...headers } = genuine.headers;
    return headers;
  };
  const sha1 = createHmac("sha1", SECRET).update(genuine.body).digest("hex");
  const signature = genuine.headers["x-hub-signature-256"];
  const forged = {
    "wrong secret": await signed(issueEvent("opened", { number: 1 }), "guessed"),
    "no signature": { ...genuine, headers: without("x-hub-signature-256") },
    "sha-1 alone": { ...genuine, headers: { ...without("x-hub-signature-256"), "x-hub-signature": `sha1=${sha1}` } },
    "one byte more": { ...genuine, body: `${genuine.body} ` },
    "one byte less": { ...genuine, body: genuine.body.slice(0, -1) },
    "signature cut": { ...genuine, headers: { ...genuine.headers, "x-hub-signature-256": signature.slice(0, -2) } },
    "signature empty": { ...genuine, headers: { ...genuine.headers, "x-hub-signature-256": "" } },
    "signature twice": { ...genuine, headers: { ...genuine.headers, "x-hub-signature-256": `${signature}, ${signature}` } },
    "not even JSON": { headers: { ...genuine.headers }, body: "{" },
  };
  for (const [what, request] of Object.entries(forged)) {
    const { status, body } = await world.post(request);
    assert.equal(status, 401, what);
    const text = JSON.stringify(body);
    assert.ok(!text.includes(SECRET) && !text.includes(signature.slice(7)), `${what}: ${text}`);
  }
  assert.ok(!world.wholeHostLog().includes(SECRET));
  await assertNothingWritten(world);
});

test("bodies that are no JSON get 400, also when they are signed", async (t) => {
  const world = await World.start(t);
  const broken = ["{", "", "nonsense", '{"a": 1} trailing', '{"a": "\\ud800"}', "[1,", '{"a": 01}'];
  for (const body of broken) {
    const { status } = await world.post(await signed(body));
    assert.equal(status, 400, body);
  }
  const bytes = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);
  const signature = createHmac("sha256", SECRET).update(bytes).digest("hex");
  const request = await signed("unused");
  const { status } = await world.post({
    body: bytes, headers: { ...request.headers, "x-hub-signature-256": `sha256=${signature}` } });
  assert.equal(status, 400, "not UTF-8");
  const deep = await world.post(await signed("[".repeat(100_000) + "]".repeat(100_000)));
  assert.equal(deep.status, 400, "too deep");
  await assertNothingWritten(world);
});

test("huge bodies get 413 before they are read to the end", async (t) => {
  const world = await World.start(t);
  const huge = await signed(JSON.stringify({ text: "x".repeat(8 * MEBIBYTE) }));
  const headers = Object.entries(huge.headers).map(([name, value]) => `${name}: ${value}`);
  const announced = await converse(world.hook, [
    { bytes: head(world.hook, [...headers, `Content-Length: ${huge.body.length}`]) }]);
  assert.equal(announced.status, 413);
  async function* chunked() {
    yield { bytes: head(world.hook, [...headers, "Transfer-Encoding: chunked"]) };
    const piece = huge.body.slice(0, 65_536);
    for (let i = 0; i < 128; ++i) yield { bytes: `10000\r\n${piece}\r\n` };
  }
  const unannounced = await converse(world.hook, chunked());
  assert.equal(unannounced.status, 413);
  await assertNothingWritten(world);
});

test("wrong addresses get 404, wrong methods 405", async (t) => {
  const world = await World.start(t);
  const genuine = await signed(issueEvent("opened", { number: 1 }));
  const wrong = [
    `${world.hook}x`, world.hook.slice(0, -1), `${world.url}/hooks/`, `${world.url}/hooks`,
    `${world.url}/`, `${world.url}/hooks/${"A".repeat(43)}`, `${world.url}/HOOKS/x`,
    `${world.url}/hooks/%2e%2e/x`, world.hook.replace("/hooks/", "/hook/"),
  ];
  for (const url of wrong) assert.equal((await world.post(genuine, url)).status, 404, url);
  for (const method of ["GET", "PUT", "DELETE"]) {
    const { status } = await fetch(world.hook, { method });
    assert.equal(status, 405, method);
  }
  await assertNothingWritten(world);
});

test("malformed requests are refused, and requests are never split in two", async (t) => {
  const world = await World.start(t);
  const cases = [
    ["both lengths", ["Content-Length: 5", "Transfer-Encoding: chunked"], "0\r\n\r\n"],
    ["two lengths", ["Content-Length: 5", "Content-Length: 6"], "hello!"],
    ["negative length", ["Content-Length: -1"], ""],
    ["unknown coding", ["Transfer-Encoding: gzip, chunked"], "0\r\n\r\n"],
    ["bad chunk", ["Transfer-Encoding: chunked"], "zz\r\n\r\n"],
    ["header without name", [": value"], ""],
    ["huge header", [`X-Long: ${"x".repeat(100_000)}`], ""],
    ["many headers", Array.from({ length: 1000 }, (_, i) => `X-${i}: 1`), ""],
  ];
  for (const [what, lines, body] of cases) {
    const { status, text } = await converse(world.hook, [{ bytes: head(world.hook, lines) + body }]);
    assert.ok(status === 0 || (status >= 400 && status < 500) || status === 501, `${what}: ${text}`);
    assert.ok(text.split("HTTP/1.1 ").length <= 2, `${what}: answered twice`);
  }
  const garbage = await converse(world.hook, [{ bytes: "\x16\x03\x01\x02\x00 not HTTP\r\n\r\n" }]);
  assert.ok(garbage.status === 0 || garbage.status === 400, garbage.text);
  await assertNothingWritten(world);
});

test("slow senders are sent away and hold up nobody", async (t) => {
  const world = await World.start(t);
  const { headers, body } = await signed(issueEvent("opened", { number: 9 }));
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const whole = head(world.hook, [...lines, `Content-Length: ${body.length}`]);
  async function* dribble(text, pauseMs) {
    for (const letter of text) yield { pauseMs, bytes: letter };
  }
  async function* slowBody() {
    yield { bytes: whole };
    yield* dribble(body, 250);
  }
  const slow = [
    converse(world.hook, dribble(whole, 250), 120_000),
    converse(world.hook, slowBody(), 120_000),
    converse(world.hook, [{ bytes: whole.slice(0, 40) }], 120_000),
    converse(world.hook, [], 120_000),
  ];
  // Meanwhile others are served.
  const wrong = await world.post(await signed(issueEvent("opened", { number: 2 }), "guessed"));
  assert.equal(wrong.status, 401);
  for (const { status, seconds } of await Promise.all(slow)) {
    assert.ok(status === 408 || status === 0, `${status}`);
    assert.ok(seconds < 110, `it took ${seconds} s`);
  }
  await assertNothingWritten(world);
});
