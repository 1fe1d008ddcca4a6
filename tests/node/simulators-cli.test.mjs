// The simulators as programs of their own: they say where they are, and end when asked to.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";

async function start(program, ...more) {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, [path, ...more], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const [, url] = /^ready (http:\/\/127\.0\.0\.1:\d+)$/.exec(line);
  return { child, url };
}

async function end(child) {
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
}

const form = (fields) => ({ method: "POST", body: new URLSearchParams(fields) });

describe("simulators as programs", () => {
  test("salesforce", async () => {
    const { child, url } = await start(
      "salesforce-simulator.mjs",
      "--client-id",
      "c",
      "--user",
      "me@x.org"
    );
    const grant = { grant_type: "client_credentials", client_id: "c", client_secret: "app-secret" };
    const { access_token: token } = await (
      await fetch(`${url}/services/oauth2/token`, form(grant))
    ).json();
    const headers = { authorization: `Bearer ${token}` };
    const who = await (await fetch(`${url}/services/oauth2/userinfo`, { headers })).json();
    assert.equal(who.preferred_username, "me@x.org");
    await end(child);
  });

  test("dropbox", async () => {
    const { child, url } = await start(
      "dropbox-simulator.mjs",
      "--app-key",
      "k",
      "--app-secret",
      "s"
    );
    const asked = await fetch(`${url}/oauth2/authorize?client_id=k&response_type=code`);
    const grant = { grant_type: "authorization_code", code: await asked.text() };
    const made = await fetch(
      `${url}/oauth2/token`,
      form({ ...grant, client_id: "k", client_secret: "s" })
    );
    const { access_token: token, refresh_token: refresh } = await made.json();
    assert.equal(refresh, undefined, "only those who ask for offline access get one");
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const listed = await fetch(`${url}/2/files/list_folder`, {
      method: "POST",
      headers,
      body: '{"path":""}'
    });
    assert.deepEqual((await listed.json()).entries, []);
    await end(child);
  });
});
