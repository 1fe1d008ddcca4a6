// A thousand CSV files of mixed quality reach a real OpenSSH server while the host is killed at random
// moments: every good one is imported once and put away, every bad one lies beside its reason, none is
// lost or left. The flow is flows/sftp-file-import as it stands there.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { Sshd } from "../sshd.mjs";
import { Orders, csvOf, orders, plain } from "./order-files.mjs";
import { sleep, waitFor } from "./processes.mjs";
import { seeded } from "./random.mjs";
import { World, flows } from "./world.mjs";

const run = promisify(execFile);
const FILES = Number(process.env.SLUICE_FILES ?? 1000);
// Fewer than the dozen unexplained ends of the host that bring a file into quarantine.
const KILLS = Number(process.env.SLUICE_KILLS ?? 11);
const flow = join(flows, "sftp-file-import");

const withBom = (text) => Buffer.from(`\ufeff${text}`);
// Kinds of files by how many of a hundred there are, their content, and what the reason of bad ones says.
const KINDS = [
  [44, "plain", (rows) => csvOf(rows)],
  [8, "marked", (rows) => withBom(csvOf(rows))],
  [8, "wide", (rows) => Buffer.from(`\ufeff${csvOf(rows)}`, "utf16le")],
  [6, "unended", (rows) => csvOf(rows).trimEnd()],
  [6, "columns-moved", (rows) => ["orderedOn;amount;number;customer", ...rows.map((one) =>
    `${one.orderedOn};${one.amount};${one.externalId};"${one.customer.replaceAll('"', '""')}"`)].join("\n")],
  [3, "headed-only", () => csvOf([]), { rows: 0 }],
  [1, "big", (rows) => csvOf(rows), { rows: 4000 }],
  [4, "ragged", (rows) => `${csvOf(rows)}r-1,only two\r\n`, { reason: /line \d+, column \d+: / }],
  // Whose first batches are all right.
  [1, "ragged-big", (rows) => `${csvOf(rows)}r-1,only two\r\n`, { rows: 2500, reason: /line 2502, column \d+: / }],
  [5, "latin", (rows) => Buffer.from(csvOf(rows), "latin1"), { reason: /utf-8/i }],
  [4, "empty", () => "", { reason: /./ }],
  [4, "coloured", (rows) => csvOf(rows).replaceAll("\r\n", ",\r\n").replace("orderedOn,", "orderedOn,colour"),
   { reason: /colour/ }],
  [3, "short", (rows) => csvOf(rows).replace("number,", "no,"), { reason: /got no, / }],
  [3, "worded", (rows) => csvOf(rows).replace(/,0\.25,/, ",a lot,"), { reason: /line \d+, column \d+: / }],
];
assert.equal(KINDS.reduce((sum, [share]) => sum + share, 0), 100);

function makeFiles(random) {
  const kinds = KINDS.flatMap(([share, ...kind]) => Array(share).fill(kind));
  return Array.from({ length: FILES }, (_, i) => {
    const [kind, contentOf, { rows, reason } = {}] = kinds[i % 100];
    const name = `${kind}-${i}.csv`;
    const records = orders(`${kind}-${i}`, rows ?? random.between(1, 40));
    return { name, reason, content: contentOf(records), records: records.map((one) => ({ ...one, file: name, version: 1 })) };
  });
}

// As a partner's program does: OpenSSH's own client, a hidden name first.
async function send(server, files, number) {
  const folder = join(server.folder, `batch-${number}`);
  mkdirSync(folder);
  for (const { name, content } of files) writeFileSync(join(folder, name), content);
  const batch = join(folder, "commands");
  writeFileSync(batch, files.map(({ name }) =>
    `put ${join(folder, name)} orders/.${name}\nchmod 666 orders/.${name}\nrename orders/.${name} orders/${name}\n`).join(""));
  await run("sftp", ["-q", "-b", batch, "-i", join(server.folder, "user"), "-P", String(server.port),
    "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes",
    `${server.user}@127.0.0.1`], { timeout: 120_000, maxBuffer: 1 << 26 });
}

test(`${FILES} files while the host is killed`, { timeout: 900_000 }, async (t) => {
  const random = seeded();
  t.diagnostic(`seed ${random.seed}`);
  const began = Date.now();
  const told = (what) => t.diagnostic(`${((Date.now() - began) / 1000).toFixed(0)} s: ${what}`);
  const files = makeFiles(random);
  const mixed = files.map((file) => [random.next(), file]).sort(([a], [b]) => a - b).map(([, file]) => file);
  const server = await Sshd.start(t, { folders: ["orders"] });
  const inbox = new Orders(server);
  const world = await World.start(t, {
    connectors: ["sftp", "csv", "xml", "pdf", "your-app"], hookless: true,
    apply: [join(flow, "integration.yaml"), join(flow, "instances/demo.yaml")],
    env: { ...server.env(), SFTP_HOST: "127.0.0.1" },
  });

  const sent = (async () => {
    const size = Math.ceil(FILES / 10);
    for (let at = 0; at < FILES; at += size) {
      await send(server, mixed.slice(at, at + size), at);
      await sleep(random.between(0, 500));
    }
    told("all files are sent");
  })();
  sent.catch(() => {}); // until it is waited for
  const putAway = () => inbox.names("done").length + inbox.failed.length;
  // From before the first file is seen until most are put away, some right after one another.
  const moments = Array.from({ length: KILLS }, (_, i) => (i ? random.next() * FILES * 0.9 : 0)).sort((a, b) => a - b);
  for (const moment of moments) {
    await waitFor("some more files to be put away", () => putAway() >= moment, 120_000);
    await sleep(random.between(0, 1_500));
    await world.killHost();
    told(`killed, ${putAway()} files are put away`);
    await world.startHost();
  }
  await sent;
  await waitFor("all files to be put away", () => putAway() >= FILES && inbox.waiting.length === 0, 600_000);
  const executions = (await world.settled()).filter((one) => one.flow === "importFile");
  told("all are put away");

  const good = files.filter(({ reason }) => !reason);
  const bad = files.filter(({ reason }) => reason);
  const names = (list) => list.map(({ name }) => name).sort();
  const wronged = good.filter(({ name }) => inbox.failed.includes(name));
  assert.deepEqual(wronged.map(({ name }) => inbox.reason(name)), [], "good files that were refused");
  assert.deepEqual(inbox.names("done"), names(good));
  assert.deepEqual(inbox.names("failed"), names(bad).flatMap((name) => [name, `${name}.reason.json`]).sort());
  assert.deepEqual(inbox.names("processing"), []);
  assert.deepEqual(inbox.names(""), ["done", "failed", "processing"]);
  for (const { name, reason } of bad) assert.match(inbox.reason(name).detail, reason, name);

  // Every row once: by number and content, never written a second time, none of a bad file.
  const found = (await world.records("orders")).map(plain);
  const expected = good.flatMap(({ records }) => records);
  const byId = (a, b) => (a.externalId < b.externalId ? -1 : 1);
  assert.equal(found.length, expected.length);
  assert.deepEqual(found.sort(byId), expected.sort(byId));

  // One execution for each file, and each has succeeded.
  assert.equal(executions.length, FILES);
  assert.deepEqual(executions.filter(({ state }) => state !== "succeeded"), []);
  told(`${good.length} good files with ${found.length} rows, ${bad.length} bad ones`);
  await world.stopCleanly();
});
