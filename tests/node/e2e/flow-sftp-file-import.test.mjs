// flows/sftp-file-import as it stands there, between a real OpenSSH server and the product.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Sshd } from "../sshd.mjs";
import { Orders, csvOf, formOf, orders, pdfOf, plain, xmlOf } from "./order-files.mjs";
import { waitFor } from "./processes.mjs";
import { World, flows } from "./world.mjs";

const flow = join(flows, "sftp-file-import");
const byId = (a, b) => (a.externalId < b.externalId ? -1 : 1);
const start = (t, server) => World.start(t, {
  connectors: ["sftp", "csv", "xml", "pdf", "your-app"], hookless: true,
  apply: [join(flow, "integration.yaml"), join(flow, "instances/demo.yaml")],
  env: { ...server.env(), SFTP_HOST: "127.0.0.1" },
});

test("CSV, XML and PDF files become orders, bad ones lie beside their reasons, over a kill", async (t) => {
  const server = await Sshd.start(t, { folders: ["orders"] });
  const inbox = new Orders(server);
  const expected = [];
  const good = (name, records, content) => {
    inbox.drop(name, content);
    expected.push(...records.map((one) => ({ ...one, file: name, version: 1 })));
  };
  const many = orders("csv", 2345);
  good("may.csv", many, csvOf(many));
  const xml = orders("xml", 1001);
  good("may.xml", xml, Buffer.from(xmlOf(xml), "latin1"));
  const form = [{ externalId: "pdf-1", customer: "Ada (London)", amount: 19.5, orderedOn: "2026-05-04" }];
  good("form.PDF", form, formOf(form[0]));
  inbox.drop("ragged.csv", csvOf(orders("ragged", 9)).replace("ragged-7,", "ragged-7;"));
  inbox.drop("colour.csv", csvOf(orders("colour", 2)).replace("orderedOn", "orderedOn,colour"));
  inbox.drop("latin.csv", Buffer.from(csvOf(orders("latin", 3)), "latin1"));
  inbox.drop("empty.csv", "");
  inbox.drop("broken.xml", xmlOf(orders("broken", 1500)).replace("</o:orders>", ""));
  inbox.drop("letter.pdf", pdfOf(["Dear Sir or Madam"]));
  inbox.drop("damaged.pdf", "%PDF-1.4 and no more");
  inbox.drop("nameless.csv", csvOf(orders("nameless", 1200)).replace("nameless-1100,", ","));
  inbox.drop("photo.jpeg", "not for us");

  const world = await start(t, server);
  await waitFor("the first file", () => inbox.names("done").length + inbox.failed.length > 0);
  await world.killHost();
  await world.startHost();
  await waitFor("all files to be put away", () =>
    inbox.names("done").length + inbox.failed.length >= 12 && inbox.waiting.length === 0, 120_000);
  await world.settled();

  assert.deepEqual(inbox.names("done"), ["form.PDF", "may.csv", "may.xml"]);
  assert.deepEqual(inbox.names("processing"), []);
  const found = (await world.records("orders")).map(plain);
  assert.deepEqual(found.sort(byId), expected.sort(byId));
  const reasons = Object.fromEntries(inbox.failed.map((name) => [name, inbox.reason(name).detail]));
  for (const [name, reason] of Object.entries({
    "broken.xml": /line 1504/, "colour.csv": /colour/, "damaged.pdf": /PDF/, "empty.csv": /./,
    "latin.csv": /utf-8|UTF-8/, "letter.pdf": /Order number/, "nameless.csv": /no number/, "photo.jpeg": /only \.csv/, "ragged.csv": /line 9/,
  })) assert.match(reasons[name] ?? "", reason, `${name}: ${JSON.stringify(reasons)}`);
  assert.equal(inbox.failed.length, 9);
  await world.stopCleanly();
});

test("the product and the server die while files are under way: each arrives once all the same", async (t) => {
  const server = await Sshd.start(t, { folders: ["orders"] });
  const inbox = new Orders(server);
  const world = await start(t, server);
  const expected = [];
  for (let round = 0; round < 3; ++round) {
    for (let i = 0; i < 4; ++i) {
      const name = `file-${round}-${i}.csv`;
      const records = orders(`r${round}-${i}`, 1500);
      inbox.drop(name, csvOf(records));
      expected.push(...records.map((one) => ({ ...one, file: name, version: 1 })));
    }
    inbox.drop(`ragged-${round}.csv`, csvOf(orders("ragged", 9)).replace("ragged-7,", "ragged-7;"));
    await waitFor("the first of them", () => // it may be through before anybody looks
      inbox.names("processing").length > 0 || inbox.names("done").length + inbox.failed.length > 5 * round);
    if (round !== 1) await world.killApp();
    if (round !== 0) await server.goAway();
    if (round !== 1) await world.startApp();
    if (round !== 0) await server.comeBack();
    await waitFor("all files to be put away", () =>
      inbox.names("done").length + inbox.failed.length >= 5 * (round + 1) && inbox.waiting.length === 0, 120_000);
  }
  await world.settled();
  assert.deepEqual(inbox.failed, ["ragged-0.csv", "ragged-1.csv", "ragged-2.csv"]);
  assert.deepEqual(inbox.names("processing"), []);
  assert.deepEqual((await world.records("orders")).map(plain).sort(byId), expected.sort(byId));
  await world.stopCleanly();
});
