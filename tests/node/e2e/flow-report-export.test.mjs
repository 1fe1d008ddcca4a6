// flows/report-export as it stands there: the product's orders go to a real OpenSSH server, to Dropbox
// (its simulator) and through a real Postfix, when somebody asks and by the clock.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startDropbox } from "../dropbox-simulator.mjs";
import { DOMAIN, MailServers, mailServersMissing } from "../mail-servers.mjs";
import { Sshd } from "../sshd.mjs";
import { asAdmin, commandsFor } from "./commands.mjs";
import { orders } from "./order-files.mjs";
import { waitFor } from "./processes.mjs";
import { World, flows } from "./world.mjs";

const flow = join(flows, "report-export");
const RARELY = "0 0 29 2 *";
const EVERY_MINUTE = "* * * * *";

// The text of the PDF files that have come by mail, oldest first.
function mailed(mail) {
  const inbox = join(mail.folder, "mail/orders/Maildir/new");
  let names = [];
  try { names = readdirSync(inbox).sort(); } catch { /* no mail has come */ }
  return names.map((name) => {
    const message = readFileSync(join(inbox, name), "latin1");
    const [, base64] = /application\/pdf[^]*?\r?\n\r?\n([A-Za-z0-9+/=\r\n]+)/.exec(message);
    return execFileSync("pdftotext", ["-layout", "-", "-"], { input: Buffer.from(base64, "base64"), encoding: "utf8" });
  });
}

// Where there is no Postfix, SLUICE_WITHOUT_MAIL=1 says that this is known.
const missing = mailServersMissing();
const skip = process.env.SLUICE_WITHOUT_MAIL === "1" && missing;

test("each delivery arrives in its own format; one that fails holds up no other and is resumed", { skip }, async (t) => {
  assert.ok(!missing, `${missing}; SLUICE_WITHOUT_MAIL=1 leaves this test out`);
  const server = await Sshd.start(t);
  const dropbox = await startDropbox();
  t.after(() => dropbox.close());
  const mail = await MailServers.start(t, { ada: "s3cr3t", orders: "0rders" });
  const env = {
    ...server.env(), SFTP_HOST: "127.0.0.1",
    DROPBOX_TOKEN: dropbox.token(), DROPBOX_API_URL: dropbox.hosts.api, DROPBOX_CONTENT_URL: dropbox.hosts.content,
    SMTP_HOST: mail.host, SMTP_PORT: String(mail.ports.smtp), SMTP_USER: "ada", SMTP_CA: mail.ca,
    SMTP_FROM: `Reports <ada@${DOMAIN}>`, SMTP_PASSWORD: "wrong", REPORT_AT: RARELY,
  };
  const world = await World.start(t, {
    connectors: ["your-app", "csv", "xml", "pdf", "sftp", "dropbox", "mail"], env,
    apply: [join(flow, "integration.yaml"), join(flow, "instances/demo.yaml")],
    arguments: [dropbox.hosts.api, dropbox.hosts.content].flatMap((url) => ["--allow-egress", new URL(url).host]),
  });
  const sluice = commandsFor(world);
  const records = orders("r", 1203);
  records[7].customer = "=1+1";
  for (let at = 0; at < records.length; at += 1000) await world.upsert("orders", records.slice(at, at + 1000));

  const refused = await world.post({ headers: {}, body: "{}" });
  assert.equal(refused.status, 401, "a key is needed");
  const key = (await sluice("key", "create", "demo", "--name", "person", ...asAdmin(world))).stdout.trim();
  // The product is away for a moment, Dropbox has enough for a moment, and the host dies while Dropbox
  // takes the report.
  await world.setFaults({ failNext: 1, status: 503 });
  let go;
  dropbox.failNext({ match: /upload/, status: 429, headers: { "retry-after": "1" } });
  dropbox.failNext({ match: /upload/, until: new Promise((done) => { go = done; }) });
  const asked = await world.post({ headers: { "api-key": key }, body: "{}" });
  assert.equal(asked.status, 202, JSON.stringify(asked.body));
  const uploads = () => dropbox.requests.filter(({ path }) => /upload/.test(path)).length;
  await waitFor("the upload", () => uploads() === 2);
  await world.killHost();
  go();
  await world.startHost();
  const first = await world.waitForExecutions("deliver", 3);
  assert.deepEqual(first.map(({ state }) => state).sort(), ["failed", "succeeded", "succeeded"]);
  const failed = await world.execution(first.find(({ state }) => state === "failed").id);
  assert.equal(failed.error.status, 401, JSON.stringify(failed.error));

  const done = await world.execution(first.find(({ state }) => state === "succeeded").id);
  const [, day] = /^orders-(\d{4}-\d{2}-\d{2})\./.exec(done.output.report);
  const csv = () => readFileSync(server.path(`reports/orders-${day}.csv`), "utf8").trimEnd().split("\r\n");
  assert.equal(csv().length, 1 + records.length);
  assert.equal(csv()[0], "number,customer,amount,orderedOn");
  assert.equal(csv()[1], `r-0,"Zoë ""0"", & Söhne",0.25,2026-05-04`);
  assert.equal(csv()[8], "r-7,'=1+1,7.25,2026-05-04");
  const xml = dropbox.account.read(`/reports/orders-${day}.xml`).toString();
  assert.equal(xml.match(/<order number=/g).length, records.length);
  assert.match(xml, /<customer>Zoë "0", &amp; Söhne<\/customer>/);
  assert.equal(uploads(), 3);
  assert.deepEqual(mailed(mail), []);

  // Its password mended, the delivery that failed goes on; its report has been made before.
  await world.killHost();
  await world.startHost({ env: { ...env, SMTP_PASSWORD: "s3cr3t" } });
  const resumed = await sluice("execution", "resume", failed.id, ...asAdmin(world));
  assert.equal(resumed.code, 0, resumed.stderr);
  const [report] = await waitFor("the mail", () => mailed(mail).length > 0 && mailed(mail));
  const total = records.reduce((sum, one) => sum + one.amount, 0);
  assert.match(report, /Orders\n/);
  assert.match(report.replaceAll(/\s+/g, " "), new RegExp(`Orders ${records.length} Amount ${total} `));
  assert.match(report, /r-1202 .* 1202\.25 +2026-05-04/);
  assert.match(report, /Page 2 of \d+/);
  await world.settled();
  assert.equal(mailed(mail).length, 1);

  // By the clock, with what has come meanwhile.
  await world.upsert("orders", [{ externalId: "late", customer: "Ben", amount: 1, orderedOn: "2026-05-05" }]);
  await world.killHost();
  await world.startHost({ env: { ...env, SMTP_PASSWORD: "s3cr3t", REPORT_AT: EVERY_MINUTE } });
  const [, second] = await waitFor("the scheduled reports", async () =>
    (await world.executions()).filter((one) => one.flow === "deliver" && one.state === "succeeded").length >= 6 &&
    mailed(mail).length >= 2 && mailed(mail), 150_000);
  assert.match(second, /late +Ben +1\.00/);
  const name = readdirSync(server.path("reports")).sort().at(-1); // of the next day when it is midnight
  assert.match(readFileSync(server.path(`reports/${name}`), "utf8"), /late,Ben,1,2026-05-05/);
  await world.stopCleanly();
});
