// Webhooks: the challenge, signatures, repetitions, and the way from a notification to the files.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { afterEach, beforeEach, describe, test } from "node:test";
import { APP, startDropbox } from "./dropbox-simulator.mjs";

const SECOND = {
  id: "dbid:AAAsecondSecondSecondSecondSecondSecond1",
  uid: 87654321,
  email: "second@example.com",
  name: "Second Person"
};
let dropbox;
let receivers;

// As Dropbox' documentation asks for: echoes challenges, checks signatures. `answer(n)` gives the
// status for the nth notification, from 1.
async function startReceiver({ echo = (challenge) => challenge, answer = () => 200 } = {}) {
  const received = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    if (request.method === "GET") {
      const challenge = new URL(request.url, "http://x").searchParams.get("challenge");
      response
        .writeHead(200, { "content-type": "text/plain", "x-content-type-options": "nosniff" })
        .end(echo(challenge));
      return;
    }
    const signed =
      createHmac("sha256", APP.secret).update(body).digest("hex") ===
      request.headers["x-dropbox-signature"];
    received.push({ signed, body: JSON.parse(body) });
    response.writeHead(signed ? answer(received.length) : 403).end();
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  receivers.push(server);
  return { received, url: `http://127.0.0.1:${server.address().port}/hooks/x?flow=1` };
}

const rpc = async (route, argument) =>
  (
    await fetch(`${dropbox.url}/2/${route}`, {
      method: "POST",
      body: JSON.stringify(argument),
      headers: { authorization: `Bearer ${dropbox.token()}`, "content-type": "application/json" }
    })
  ).json();

describe("dropbox simulator: webhooks", () => {
  beforeEach(async () => {
    receivers = [];
    dropbox = await startDropbox({
      accounts: [
        {
          id: "dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc",
          uid: 12345678,
          email: "person@example.com",
          name: "Pat Person"
        },
        SECOND
      ]
    });
  });
  afterEach(async () => {
    await dropbox.close();
    for (const server of receivers) {
      server.close();
      server.closeAllConnections();
    }
  });

  test("the challenge must come back as it is", async () => {
    const good = await startReceiver();
    const { echoed, headers } = await dropbox.webhooks.register(good.url);
    assert.deepEqual([echoed, headers["x-content-type-options"]], [true, "nosniff"]);
    const bad = await startReceiver({ echo: (challenge) => JSON.stringify(challenge) });
    assert.equal((await dropbox.webhooks.register(bad.url)).echoed, false);
    dropbox.account.write("/a", "x");
    await dropbox.webhooks.settle();
    assert.deepEqual([good.received.length, bad.received.length], [1, 0]);
  });

  test("a change is told with the account, signed; the files come by cursor", async () => {
    const { received, url } = await startReceiver();
    await dropbox.webhooks.register(url);
    const { cursor } = await rpc("files/list_folder/get_latest_cursor", {
      path: "",
      recursive: true
    });
    dropbox.account.write("/in/a.csv", "a;b");
    await dropbox.webhooks.settle();
    assert.equal(received.length, 1);
    assert.equal(received[0].signed, true);
    assert.deepEqual(received[0].body, {
      list_folder: { accounts: [dropbox.account.id] },
      delta: { users: [12345678] }
    });
    const { entries } = await rpc("files/list_folder/continue", { cursor });
    assert.deepEqual(
      entries.map(({ path_lower: path }) => path),
      ["/in", "/in/a.csv"]
    );
  });

  test("several accounts and many changes make one notification", async () => {
    const { received, url } = await startReceiver();
    await dropbox.webhooks.register(url);
    dropbox.webhooks.pause();
    for (let i = 0; i < 20; ++i) dropbox.accounts[i % 2].write(`/f${i}`, "x");
    dropbox.webhooks.resume();
    await dropbox.webhooks.settle();
    assert.deepEqual(
      received.map(({ body }) => body.list_folder.accounts),
      [dropbox.accounts.map(({ id }) => id)]
    );
  });

  test("whatever is not 200 comes again, a 202 too; in the end it is given up", async () => {
    const { received, url } = await startReceiver({ answer: (n) => [500, 202, 200][n - 1] });
    await dropbox.webhooks.register(url);
    dropbox.account.write("/a", "x");
    await dropbox.webhooks.settle();
    assert.deepEqual(
      dropbox.webhooks.attempts.map(({ status }) => status),
      [500, 202, 200]
    );
    assert.equal(new Set(received.map(({ body }) => JSON.stringify(body))).size, 1);
    dropbox.webhooks.remove(url);
    const never = await startReceiver({ answer: () => 500 });
    await dropbox.webhooks.register(never.url);
    Object.assign(dropbox.webhooks, { attemptsAtMost: 3, firstRetryMs: 1 });
    dropbox.account.write("/b", "x");
    await dropbox.webhooks.settle();
    assert.equal(never.received.length, 3);
  });

  test("a forged notification has another signature", async () => {
    const { received, url } = await startReceiver();
    await dropbox.webhooks.register(url);
    await dropbox.webhooks.notify([dropbox.account], { tamper: true });
    assert.deepEqual([received[0].signed, dropbox.webhooks.attempts[0].status], [false, 403]);
  });
});
