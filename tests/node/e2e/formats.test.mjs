// Files of a folder in the real program: new ones are claimed, read batch by batch, imported and put
// away, also over kills; reports are written.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sleep, waitFor } from "./processes.mjs";
import { seeded } from "./random.mjs";
import { World } from "./world.mjs";

const fixture = (name) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

class Inbox {
  constructor(world) {
    this.root = join(world.folder, "inbox");
    this.people = new Map(); // of the good files, by id
    this.bad = new Set();
    for (const name of ["in", "part"]) mkdirSync(join(this.root, name), { recursive: true });
  }

  // A whole file appears at once, as from a careful sender.
  #drop(name, bytes) {
    writeFileSync(join(this.root, "part", name), bytes);
    renameSync(join(this.root, "part", name), join(this.root, "in", name));
  }

  csv(number, count, { broken = false } = {}) {
    const rows = ["id;name"];
    for (let i = 0; i < count; ++i) rows.push(`c/${number}/${i};"Ada ""${i}""\nof ${number}"`);
    if (broken) rows.splice(rows.length - 1, 0, "only one field");
    this.#drop(`${number}.csv`, Buffer.from("\ufeff" + rows.join("\r\n"), "utf16le"));
    if (broken) return this.bad.add(`${number}.csv`);
    for (let i = 0; i < count; ++i) this.people.set(`c/${number}/${i}`, `Ada "${i}"\nof ${number}`);
  }

  xml(number, count, { broken = false } = {}) {
    let text = `<?xml version="1.0" encoding="iso-8859-1"?>\n<p:people xmlns:p="urn:people">`;
    for (let i = 0; i < count; ++i) text += `<p:person id="x/${number}/${i}"><p:name>Zo\u00eb &amp; ${i}</p:name></p:person>\n`;
    text += broken ? "</p:peple>" : "</p:people>";
    this.#drop(`${number}.xml`, Buffer.from(text, "latin1"));
    if (broken) return this.bad.add(`${number}.xml`);
    for (let i = 0; i < count; ++i) this.people.set(`x/${number}/${i}`, `Zo\u00eb & ${i}`);
  }

  names(folder) {
    try { return readdirSync(join(this.root, folder)); } catch { return []; }
  }
  get left() { return [...this.names("in").filter((name) => name !== "processing"), ...this.names("in/processing")]; }
  read(path) { return readFileSync(join(this.root, path), "utf8"); }
}

async function start(t) {
  const world = new World();
  const inbox = new Inbox(world);
  await world.start(t, {
    connectors: ["your-app", "files", "csv", "xml"], env: { INBOX: inbox.root },
    apply: [fixture("formats.yaml"), fixture("formats-instance.yaml")],
  });
  return { world, inbox };
}

test("every good file is imported once and put away, every bad one lies beside its reason, over kills", async (t) => {
  const random = seeded();
  t.diagnostic(`seed ${random.seed}`);
  const { world, inbox } = await start(t);
  for (let i = 0; i < 8; ++i) inbox.csv(i, 10 + 40 * i, { broken: i % 4 === 3 });
  for (let i = 0; i < 4; ++i) inbox.xml(i, 60, { broken: i % 4 === 3 });
  for (let kill = 0; kill < 3; ++kill) {
    await sleep(random.between(1000, 2500));
    await world.killHost();
    inbox.csv(8 + kill, 120);
    await world.startHost();
  }
  await waitFor("all files to be put away", () => inbox.left.length === 0 && inbox.names("in").length > 0, 120_000);
  await world.settled();
  const found = await world.tickets();
  // A faulty row far down does not take back the batches before it; each row is there once.
  for (const [id, name] of inbox.people) assert.equal(found.get(id)?.title, name, id);
  const good = 8 + 4 + 3 - inbox.bad.size;
  assert.equal(inbox.names("done").length, good);
  assert.deepEqual(inbox.names("failed").sort(),
                   [...inbox.bad].flatMap((name) => [name, `${name}.reason.json`]).sort());
  assert.match(inbox.read("failed/3.csv.reason.json"), /line \d+, column 1: the row has 1 fields, the header 2/);
  assert.match(inbox.read("failed/3.xml.reason.json"), /mismatched tag/);
  await world.stopCleanly();
});

test("a report is written as CSV and XML, and a second one replaces it", async (t) => {
  const { world, inbox } = await start(t);
  await world.upsert("tickets", Array.from({ length: 25 }, (_, i) => ({
    externalId: `id-${String(i).padStart(2, "0")}`, title: i === 3 ? "=1+1, \"x\"" : `name ${i}` })));
  for (let i = 0; i < 2; ++i) {
    const { status, body } = await world.post({ headers: {}, body: "{}" }, world.hooks().report);
    assert.equal(status, 200, JSON.stringify(body));
  }
  const lines = inbox.read("out/people.csv").split("\r\n");
  assert.equal(lines.length, 27);
  assert.equal(lines[0], "id,name");
  assert.equal(lines[4], `id-03,"'=1+1, ""x"""`);
  assert.match(inbox.read("out/people.xml"), /^<\?xml .*\?>\n<people>\n {2}<person id="id-00">\n {4}<name>name 0<\/name>/);
  assert.equal(inbox.read("out/log.txt").split("\n").length, 3);
  assert.deepEqual(inbox.names("out").sort(), ["log.txt", "people.csv", "people.xml"]);
  await world.stopCleanly();
});
