// flows/dropbox-file-import as it stands there, between Dropbox' simulator and the product: files that
// were there before, and files that a signed notification tells of, over kills.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { APP, startDropbox } from "../dropbox-simulator.mjs";
import { csvOf, formOf, orders, plain, xmlOf } from "./order-files.mjs";
import { waitFor } from "./processes.mjs";
import { World, flows } from "./world.mjs";

const flow = join(flows, "dropbox-file-import");

function start(t, dropbox) {
  return World.start(t, {
    connectors: ["dropbox", "csv", "xml", "pdf", "your-app"],
    apply: [join(flow, "integration.yaml"), join(flow, "instances/demo.yaml")],
    arguments: [dropbox.hosts.api, dropbox.hosts.content].flatMap((url) => ["--allow-egress", new URL(url).host]),
    env: { DROPBOX_TOKEN: dropbox.token(), DROPBOX_API_URL: dropbox.hosts.api,
           DROPBOX_CONTENT_URL: dropbox.hosts.content, DROPBOX_APP_SECRET: APP.secret },
  });
}

test("files become orders by poll and by notification, bad ones lie beside their reasons, over kills", async (t) => {
  const dropbox = await startDropbox();
  t.after(() => dropbox.close());
  const { account } = dropbox;
  const expected = [];
  const good = (name, records, content) => {
    account.write(`/orders/${name}`, content);
    expected.push(...records.map((one) => ({ ...one, file: name, version: 1 })));
  };
  const names = (folder) => account.tree.below(`/orders/${folder}`)
    .filter((entry) => !entry.folder).map((entry) => entry.path.slice(`/orders/${folder}/`.length)).sort();
  // Without the execution in front, which none shares with another.
  const plainNames = (folder) => names(folder).map((name) => name.replace(/^x[0-9a-z]{13}-/, ""));
  const putAway = () => names("done").length + names("failed").filter((name) => !name.endsWith(".reason.json")).length;

  const busy = { ".tag": "too_many_write_operations" };
  dropbox.failNext({ match: /move_v2/, status: 409, body: { error_summary: "too_many_write_operations/", error: busy } });
  dropbox.failNext({ match: /download/, destroy: true });
  dropbox.failNext({ match: /upload/, lose: true });
  const before = orders("before", 1500);
  good("before.csv", before, csvOf(before));
  account.write("/orders/ragged.csv", csvOf(orders("ragged", 9)).replace("ragged-7,", "ragged-7;"));
  const world = await start(t, dropbox);
  await waitFor("what was there before, by the poll", () => putAway() === 2, 90_000);
  const forged = await world.post({ headers: { "x-dropbox-signature": "0".repeat(64) },
                                    body: JSON.stringify({ list_folder: { accounts: [account.id] } }) });
  assert.equal(forged.status, 401);

  dropbox.webhooks.attemptsAtMost = 300; // Dropbox, too, tries for minutes
  const registered = await dropbox.webhooks.register(world.hook);
  assert.ok(registered.echoed, JSON.stringify(registered));
  for (let kill = 0; kill < 4; ++kill) {
    const xml = orders(`xml-${kill}`, 1 + 500 * (kill % 3));
    good(`may-${kill}.xml`, xml, Buffer.from(xmlOf(xml), "latin1"));
    await waitFor("its beginning", () => putAway() > 2 + kill || names("processing").length > 0);
    const address = world.hook;
    await world.killHost();
    await world.startHost();
    // The host listens elsewhere now.
    dropbox.webhooks.remove(address);
    await dropbox.webhooks.register(world.hook);
    await dropbox.webhooks.notify([account]);
  }
  const form = [{ externalId: "pdf-1", customer: "Ada (London)", amount: 19.5, orderedOn: "2026-05-04" }];
  good("form.pdf", form, formOf(form[0]));
  account.write("/orders/photo.jpeg", "not for us");
  await waitFor("all files to be put away", () => putAway() === 8, 90_000).catch(async ({ message }) => {
    const left = (await world.executions()).filter(({ state }) => state !== "succeeded");
    throw new Error([message, names("processing"), names("failed"), JSON.stringify(left, null, 1), world.hostLog()].join("\n"));
  });
  await world.settled();

  const reasons = Object.fromEntries(names("failed").filter((name) => name.endsWith(".reason.json")).map((name) => {
    assert.ok(names("failed").includes(name.slice(0, -".reason.json".length)), name);
    const { file, detail } = JSON.parse(account.read(`/orders/failed/${name}`));
    return [file, detail];
  }));
  assert.deepEqual(plainNames("done").sort(), ["before.csv", "form.pdf", ...[0, 1, 2, 3].map((kill) => `may-${kill}.xml`)], JSON.stringify(reasons));
  assert.deepEqual(plainNames("failed").sort(), ["photo.jpeg", "photo.jpeg.reason.json", "ragged.csv", "ragged.csv.reason.json"]);
  assert.deepEqual(names("processing"), []);
  assert.match(reasons["ragged.csv"], /line 9/);
  assert.match(reasons["photo.jpeg"], /only \.csv/);
  const byId = (a, b) => (a.externalId < b.externalId ? -1 : 1);
  assert.deepEqual((await world.records("orders")).map(plain).sort(byId), expected.sort(byId));
  await world.stopCleanly();
});

test("a bad file of a name that failed before gets its own reason, also when the answer to its move is lost", async (t) => {
  const dropbox = await startDropbox();
  t.after(() => dropbox.close());
  const { account } = dropbox;
  const before = { "/orders/failed/ragged.csv": "of yesterday", "/orders/failed/ragged.csv.reason.json": "its reason" };
  for (const [path, content] of Object.entries(before)) account.write(path, content);
  const content = csvOf(orders("ragged", 9)).replace("ragged-7,", "ragged-7;");
  account.write("/orders/ragged.csv", content);
  dropbox.failNext({ match: /move_v2/, asked: /failed/, lose: true });
  const world = await start(t, dropbox);
  const own = () => account.tree.inside("/orders/failed").map(({ path }) => path)
    .find((path) => path.endsWith("-ragged.csv.reason.json"));
  await waitFor("the reason", () => own() !== undefined, 90_000);
  await world.settled();
  const reason = own();
  assert.match(JSON.parse(account.read(reason)).detail, /line 9/);
  assert.equal(String(account.read(reason.slice(0, -".reason.json".length))), String(content));
  for (const [path, there] of Object.entries(before)) assert.equal(String(account.read(path)), there, path);
  assert.equal(account.tree.inside("/orders/failed").length, 4);
  await world.stopCleanly();
});
