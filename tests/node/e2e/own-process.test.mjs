// Connectors of ours that write temporary files do so in a process of their own, too; and a connector
// that never returns does not keep `sluice run` from being ended.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const REPORT = `manifest: "1"
integration: { namespace: test, name: report, version: 1.0.0 }
connectors: { pdf: "*" }
flows:
  draw:
    trigger: { webhook: { respond: { mode: result, within: PT60S } } }
    do:
      - report: { call: pdf.report, with: { title: Orders } }
      - read: { call: pdf.extractText, with: { file: "\${ .file }" } }
    output: { as: "\${ .items }" }
`;
const HANG = `manifest: "1"
integration: { namespace: test, name: hang, version: 1.0.0 }
connectors: { crashing: "*" }
flows:
  go:
    trigger: { call: {} }
    do: [ { it: { call: crashing.hang } } ]
`;

test("pdf's report is drawn and read in a process of its own", async (t) => {
  const world = new World();
  const file = world.write;
  await world.start(t, {
    connectors: ["pdf"],
    apply: [file("report.yaml", REPORT), file("acme.yaml", "instance: acme\ncustomer: acme\nintegration: test/report\n")],
    // Less than the program that reads would like to have.
    arguments: ["--isolation", "pdf=process,exec,memory=1024"],
  });
  const answer = await world.post(
    { headers: { "content-type": "application/json" }, body: "{}" }, world.hooks().draw, 90_000);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.match(JSON.stringify(answer.body), /Orders/);
  await world.stopCleanly();
});

test("a run whose connector never returns ends when it is interrupted",
  { skip: process.arch === "x64" ? false : "knows only the number of pause() on x86-64" }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-e2e-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "hang.yaml"), HANG);
  copyFileSync(join(resolve(process.env.SLUICE_BUILD), "tests/connectors/crashing.so"), join(folder, "crashing.so"));
  const child = spawn(resolve(process.env.SLUICE_BIN), ["run", join(folder, "hang.yaml"), "go", "--plugins", folder]);
  t.after(() => child.kill("SIGKILL"));
  const ended = new Promise((done) => child.once("exit", (code, signal) => done({ code, signal })));
  let errors = "";
  child.stderr.on("data", (text) => (errors += text));
  // pause() has number 34.
  const waits = () => readdirSync(`/proc/${child.pid}/task`).some((thread) => {
    try {
      return readFileSync(`/proc/${child.pid}/task/${thread}/syscall`, "utf8").startsWith("34 ");
    } catch { return false; }  // it has ended since
  });
  await waitFor("the connector to hang", waits);
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const { code, signal } = await ended;
  clearTimeout(late);
  assert.deepEqual({ code, signal }, { code: 1, signal: null }, errors);
  assert.match(errors, /interrupted/);
});
