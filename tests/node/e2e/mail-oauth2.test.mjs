// Mail out and in with access tokens that the host gets from a real OpenID provider; a real Postfix
// and a real Dovecot take them, and ask the provider whose they are.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DOMAIN, DONE, MailServers, mailServersMissing } from "../mail-servers.mjs";
import { PERSON, browse, startProvider } from "../oidc.mjs";
import { CALLBACK, PUBLIC } from "./account.mjs";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const skip = mailServersMissing();

const INTEGRATION = `manifest: "1"
integration: { namespace: test, name: mail, version: 1.0.0 }
connectors: { mail: "*" }
connections:
  outgoing: { connector: mail, type: smtpOauth2 }
  mailbox: { connector: mail, type: imapOauth2 }
flows:
  send:
    trigger: { webhook: { respond: { mode: result, within: PT60S } } }
    do:
      - sent: { call: mail.send, with: { connection: outgoing, to: ada@${DOMAIN}, subject: "\${ .body.subject }", text: Hello } }
  received:
    trigger:
      poll:
        call: mail.listNewMessages
        with: { connection: mailbox, cursor: "\${ .cursor }", start: beginning }
        every: PT1S
    queue: { dedupe: .key }
    do:
      - fetch: { call: mail.getMessage, with: { connection: mailbox, uid: "\${ .uid }" } }
      - move: { call: mail.moveMessage, with: { connection: mailbox, uid: "\${ $trigger.uid }", to: "${DONE}" } }
      - told: { set: { subject: "\${ $steps.fetch.subject }" } }
`;

// One of them as Google and Microsoft do it, one by RFC 7628.
const connection = (type, port, mechanism) => JSON.stringify({
  type, host: { $env: "MAIL_HOST" }, port: { $env: port }, username: "ada", mechanism, ca: { $env: "MAIL_CA" },
  clientId: PERSON.id, clientSecret: { $env: "PERSON_SECRET" }, authorizeUrl: { $env: "AUTHORIZE_URL" },
  tokenUrl: { $env: "TOKEN_URL" }, scopes: ["openid", "offline_access"],
  ...(type === "smtpOauth2" && { from: `ada@${DOMAIN}` }),
});
const INSTANCE = `instance: acme
customer: acme
integration: test/mail
connections:
  outgoing: ${connection("smtpOauth2", "SMTP_PORT", "xoauth2")}
  mailbox: ${connection("imapOauth2", "IMAP_PORT", "oauthbearer")}
`;

async function start(t) {
  const provider = await startProvider({ redirectUri: CALLBACK, personProves: "client_secret_post" });
  t.after(() => provider.close());
  const servers = await MailServers.start(t, { ada: "not used" }, { tokensOf: `${provider.url}/me?access_token=` });
  const world = new World();
  await world.start(t, {
    connectors: ["mail"], apply: [world.write("mail.yaml", INTEGRATION), world.write("acme.yaml", INSTANCE)],
    arguments: ["--public-url", PUBLIC, "--allow-egress", new URL(provider.url).host],
    env: { MAIL_HOST: servers.host, SMTP_PORT: String(servers.ports.smtp),
           IMAP_PORT: String(servers.ports.imaps), MAIL_CA: servers.ca, PERSON_SECRET: PERSON.secret,
           AUTHORIZE_URL: `${provider.url}/auth?prompt=consent`, TOKEN_URL: `${provider.url}/token` },
  });
  const token = world.adminToken; // the first start alone says it
  const ask = async (method, path) => {
    const response = await fetch(`${world.adminUrl}/api/v1/instances/acme/connections${path}`, {
      method, headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(30_000) });
    return response.json();
  };
  const authorize = async (name) => {
    const { url } = await ask("POST", `/${name}/authorize`);
    const back = await browse(url, { callback: CALLBACK });
    const told = await fetch(back.replace(PUBLIC, world.url), { redirect: "manual" });
    assert.equal(told.status, 200, await told.text());
  };
  const send = (subject) => world.post(
    { headers: { "content-type": "application/json" }, body: JSON.stringify({ subject }) },
    `${world.url}${new URL(world.hooks().send).pathname}`);
  const sends = async (subject) => {
    const { status, body } = await send(subject);
    assert.equal(status, 200, JSON.stringify(body) + servers.logs());
  };
  const receives = (subject) => waitFor(`"${subject}"`, async () => {
    const ended = (await world.executions()).filter((one) => one.flow === "received" && one.state === "succeeded");
    const told = await Promise.all(ended.map(async ({ id }) => (await world.execution(id)).output.subject));
    return told.includes(subject);
  }, 60_000);
  return { provider, servers, world, ask, authorize, send, sends, receives };
}

test("mail goes out and in with tokens that the host gets, and gets anew", { skip }, async (t) => {
  const { provider, servers, world, ask, authorize, send, sends, receives } = await start(t);
  const refreshes = () => provider.count("refresh_token");
  const nobody = await send("Too early");
  assert.equal(nobody.status, 401, JSON.stringify(nobody.body));
  assert.match(nobody.body.detail, /not authorized yet/);

  // The mail server refuses the token before the host knows that it has ended.
  await authorize("outgoing");
  await provider.endAccessTokens();
  await sends("First");
  assert.equal(refreshes(), 1, "the refused token was replaced");
  await authorize("mailbox");
  await provider.endAccessTokens();
  await receives("First");
  for (const name of ["outgoing", "mailbox"]) {
    const { output, error } = await ask("POST", `/${name}/test`);
    assert.match(output?.server ?? error, /^localhost:\d+$/);
  }
  assert.ok(servers.messages("ada").every(({ inbox }) => !inbox), "it was moved away");

  // A host that has no connections to the mail servers any more, and tokens that it sees end.
  await world.killHost();
  provider.lifeSeconds = 5;
  await provider.endAccessTokens();
  await world.startHost();
  await sends("Second");
  const expires = async () => (await ask("GET", "")).items.find(({ name }) => name === "outgoing").expires;
  await waitFor("the end of the token", async () => Date.parse(await expires()) < Date.now());
  const ended = await expires();
  await sends("Third");
  assert.notEqual(await expires(), ended, "the old token was replaced");
  await receives("Second");
  await receives("Third");

  // What the person takes back cannot be replaced.
  await provider.revokeAll();
  const revoked = await waitFor("the end of the last token", async () => {
    const answer = await send("Too late");
    return answer.status !== 200 && answer;
  });
  assert.equal(revoked.status, 401, JSON.stringify(revoked.body));
  assert.match(revoked.body.detail, /invalid_grant.*authorize it again/);
  await world.stopCleanly();
  for (const secret of [...provider.secrets, PERSON.secret]) assert.ok(!world.wholeHostLog().includes(secret));
});
