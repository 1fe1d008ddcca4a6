// What a connector author does: install the SDK, `sluice new connector`, build, copy the result into
// the plugins folder of a running host.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const run = promisify(execFile);
const fixture = (name) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

test("a connector built outside the tree runs in a host that was already running", async (t) => {
  const crm = createServer((request, response) => {
    const known = request.headers.authorization === "Bearer t0p" && request.url === "/items/a%2Fb";
    response.writeHead(known ? 200 : 404).end(JSON.stringify(known ? { name: "Grüße" } : {}));
  });
  await new Promise((done) => crm.listen(0, "127.0.0.1", done));
  t.after(() => { crm.close(); crm.closeAllConnections(); });
  const address = `127.0.0.1:${crm.address().port}`;
  const world = await World.start(t, {
    connectors: [],
    apply: [fixture("acme-crm.yaml"), fixture("acme-crm-instance.yaml")],
    arguments: ["--allow-egress", address],
    env: { CRM_URL: `http://${address}`, CRM_TOKEN: "t0p" },
  });
  const ask = () => world.post({
    headers: { "content-type": "application/json" }, body: JSON.stringify({ id: "a/b" }) });

  const before = await ask();
  assert.ok(before.status >= 400, `without the connector no flow may succeed: ${before.status}`);

  const sdk = join(world.folder, "sdk");
  const project = join(world.folder, "acme-crm");
  const options = { cwd: world.folder, timeout: 500_000 };
  await run("cmake", ["--install", resolve(process.env.SLUICE_BUILD), "--component", "sluice_sdk",
                      "--prefix", sdk], options);
  await run(resolve(process.env.SLUICE_BIN), ["new", "connector", "acme-crm"], options);
  await run("cmake", ["-S", project, "-B", join(project, "build"), `-DCMAKE_PREFIX_PATH=${sdk}`],
            options);
  await run("cmake", ["--build", join(project, "build"), "--target", "connector_acme-crm"], options);

  world.addConnector("acme-crm", join(project, "build/connectors"));
  const answer = await waitFor("the connector", async () => {
    const { status, body } = await ask();
    return status === 200 && body;
  });
  assert.deepEqual(answer, { name: "Grüße" });
  await world.stopCleanly();
});
