// A flow that imports files is tried offline on a real file: `sluice run --file`.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { commandsFor } from "./commands.mjs";

const EXAMPLE = fileURLToPath(new URL("../../../flows/sftp-file-import/integration.yaml", import.meta.url));

const EVENT = { path: "orders/may.csv", name: "may.csv", size: 90, modifiedAt: "2026-05-04T08:00:00Z", key: "k" };

// A file with handles of files where the example gets one, and mocks for all but CSV.
const REPLIES = `
sftp.claim: { output: { path: orders/processing/may.csv, name: may.csv, originalPath: orders/may.csv, size: 90 } }
sftp.download: { output: { name: may.csv, file: { $blob: orders, size: 1 } } }
your-app.upsertRecords: { output: { created: 2 } }
sftp.finish: { output: { path: orders/done/may.csv } }
`;

const UPLOADED = `
manifest: "1"
dsl: 1.0.3
integration: { namespace: example, name: uploaded, version: 1.0.0, title: Uploaded }
connectors: { csv: "*" }
flows:
  take:
    trigger: { webhook: { body: blob } }
    do:
      - read: { call: csv.parse, with: { file: "\${ .body }" } }
      - told: { set: { items: "\${ .items }", body: "\${ $workflow.input.body }" } }
`;

function prepare(t) {
  const folder = mkdtempSync(join(tmpdir(), "sluice-e2e-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "connectors"));
  copyFileSync(join(resolve(process.env.SLUICE_CONNECTORS), "csv.so"), join(folder, "connectors/csv.so"));
  const write = (name, content) => {
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
    return join(folder, name);
  };
  const sluice = commandsFor({ folder });
  const connectors = ["--plugins", join(folder, "connectors")];
  const example = (...words) => sluice("run", EXAMPLE, "importFile", "--json",
    "--input", write("event.json", EVENT), "--mock", write("replies.yaml", REPLIES), ...connectors, ...words);
  return { folder, write, sluice, connectors, example };
}

test("the example imports a real file: what is not mocked reads it", async (t) => {
  const { write, example } = prepare(t);
  const rows = Array.from({ length: 1500 }, (_, i) => `o-${i},Ada,${i}.5,2026-05-01`);
  const file = write("may.csv", `number,customer,amount,orderedOn\n${rows.join("\n")}\n`);
  const ran = await example("--file", `orders=${file}`);
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  const { output, steps } = JSON.parse(ran.stdout);
  assert.equal(output.rows, 1500);
  const sent = steps.filter((step) => step.name === "save").flatMap((step) => step.input?.records ?? []);
  assert.deepEqual(sent.at(-1), { externalId: "o-1499", customer: "Ada", amount: 1499.5, orderedOn: "2026-05-01", file: "may.csv" });
});

test("the handle of an uploaded body is the file's, with the type that is written beside it", async (t) => {
  const { write, sluice, connectors } = prepare(t);
  const ran = await sluice("run", write("uploaded.yaml", UPLOADED), "take", "--json",
    "--input", write("in.json", { headers: {}, body: { $blob: "sent", size: 999, contentType: "text/csv" } }),
    ...connectors, "--file", `sent=${write("sent.csv", "a,b\n1,2\n")}`);
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  const { output } = JSON.parse(ran.stdout);
  assert.deepEqual(output.items, [{ a: "1", b: "2" }]);
  assert.equal(output.body.size, 8);
  assert.equal(output.body.contentType, "text/csv");
});

test("what is wrong with a file is told before anything runs", async (t) => {
  const { folder, write, example, sluice } = prepare(t);
  const file = write("may.csv", "number\n1\n");
  const refused = async (word, pattern) => {
    const ran = await example("--file", word);
    assert.notEqual(ran.code, 0, ran.stdout);
    assert.equal(ran.stdout, "");
    assert.match(ran.stderr, pattern);
  };
  await refused(`orders=${join(folder, "june.csv")}`, /--file orders: cannot read .*june\.csv: No such file/);
  await refused(`orders=${folder}`, /--file orders: cannot read .*: it is no file/);
  execFileSync("mkfifo", [join(folder, "pipe")]);
  await refused(`orders=${join(folder, "pipe")}`, /--file orders: cannot read .*: it is no file/);
  await refused("orders", /"orders" is not NAME=PATH .*\$blob/);
  await refused(`other=${file}`, /--file other: the flow never gets it .*\{"\$blob": "other"\}/);
  const without = await sluice("run", EXAMPLE, "importFile", "--mock", join(folder, "replies.yaml"), "--file", `orders=${file}`);
  assert.match(without.stderr, /--file needs --plugins/);
});
