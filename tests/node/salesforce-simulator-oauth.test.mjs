// Sessions: how they are given, refreshed, expired and revoked, as jsforce uses them.
import jsforce from "jsforce";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPrivateKey, createSign, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { VERSION, connect, loggedIn, refusal, send } from "./salesforce-client.mjs";
import { APP, USER, startSalesforce } from "./salesforce-simulator.mjs";

let salesforce;
let client;

describe("salesforce simulator: sessions", () => {
  beforeEach(async () => {
    salesforce = await startSalesforce();
    client = await loggedIn(salesforce);
  });
  afterEach(() => salesforce.close());

  test("password grant, with data at the instance's address", async () => {
    const other = connect(salesforce);
    const user = await other.login(USER.username, USER.password);
    assert.equal(other.instanceUrl, salesforce.url);
    assert.notEqual(salesforce.url, salesforce.loginUrl);
    assert.equal(user.organizationId, salesforce.organizationId);
    assert.equal(
      (await refusal(connect(salesforce).login(USER.username, "wrong"))).name,
      "invalid_grant"
    );
  });

  test("the address of the login has no data", async () => {
    const answer = await send({ ...client, instanceUrl: salesforce.loginUrl }, "/limits");
    assert.equal(answer.status, 404);
    assert.equal((await answer.json())[0].errorCode, "URL_NOT_RESET");
  });

  test("client credentials, and what a wrong secret gets", async () => {
    assert.equal((await client.identity()).username, USER.username);
    const wrong = connect(salesforce, { clientSecret: "no" });
    assert.equal(
      (await refusal(wrong.authorize({ grant_type: "client_credentials" }))).name,
      "invalid_client"
    );
    const unknown = connect(salesforce, { clientId: "no" });
    assert.equal(
      (await refusal(unknown.authorize({ grant_type: "client_credentials" }))).name,
      "invalid_client_id"
    );
  });

  test("authorization code with PKCE, then refresh", async () => {
    const person = connect(salesforce, { useVerifier: true });
    const asked = await fetch(
      person.oauth2.getAuthorizationUrl({ scope: "api refresh_token", state: "s 1" }),
      { redirect: "manual" }
    );
    const back = new URL(asked.headers.get("location"));
    assert.equal(back.searchParams.get("state"), "s 1");
    await person.authorize(back.searchParams.get("code"));
    assert.ok(person.refreshToken);
    assert.equal((await person.identity()).user_id, salesforce.users[0].id);
    const again = await refusal(person.authorize(back.searchParams.get("code")));
    assert.deepEqual([again.name, again.message], ["invalid_grant", "invalid authorization code"]);
    const thief = await fetch(person.oauth2.getAuthorizationUrl({ scope: "api refresh_token" }), {
      redirect: "manual"
    });
    person.oauth2.codeVerifier = randomBytes(64).toString("base64url");
    const error = await refusal(
      person.authorize(new URL(thief.headers.get("location")).searchParams.get("code"))
    );
    assert.match(error.message, /code verifier/);
  });

  test("an expired session is refreshed and the request repeated", async () => {
    const oauth2 = connect(salesforce).oauth2;
    const person = new jsforce.Connection({
      version: VERSION,
      oauth2,
      instanceUrl: salesforce.url,
      logLevel: "FATAL",
      accessToken: "expired",
      refreshToken: salesforce.tokens.grantRefreshToken()
    });
    let refreshed = 0;
    person.on("refresh", () => {
      refreshed += 1;
    });
    await person.sobject("Account").create({ Name: "After the refresh" });
    salesforce.tokens.expireSessions();
    assert.equal((await person.query("SELECT Id FROM Account")).totalSize, 1);
    assert.equal(refreshed, 2);
    salesforce.tokens.revokeRefreshTokens();
    salesforce.tokens.expireSessions();
    assert.match(
      (await refusal(person.query("SELECT Id FROM Account"))).message,
      /expired access\/refresh token/
    );
  });

  test("a rotated refresh token does not count any more", async () => {
    salesforce.tokens.rotate = true;
    const first = salesforce.tokens.grantRefreshToken();
    const { refresh_token: second } = await connect(salesforce).oauth2.refreshToken(first);
    assert.notEqual(second, first);
    assert.equal(
      (await refusal(connect(salesforce).oauth2.refreshToken(first))).name,
      "invalid_grant"
    );
    await connect(salesforce).oauth2.refreshToken(second);
  });

  test("a session ends by the clock", async () => {
    salesforce.tokens.sessionSeconds = 0;
    const short = await loggedIn(salesforce);
    assert.equal((await send(short, "/limits")).status, 401);
    assert.equal((await send(client, "/limits")).status, 200);
  });

  test("revoking ends a session", async () => {
    await client.oauth2.revokeToken(client.accessToken);
    const answer = await send(client, "/limits");
    assert.equal(answer.status, 401);
    assert.equal((await answer.json())[0].errorCode, "INVALID_SESSION_ID");
  });

  test("the token answer is Salesforce's: no expires_in, issued_at in milliseconds as text", async () => {
    const answer = await client.oauth2.requestToken({ grant_type: "client_credentials" });
    assert.deepEqual(Object.keys(answer).sort(), [
      "access_token",
      "id",
      "instance_url",
      "issued_at",
      "scope",
      "signature",
      "token_type"
    ]);
    assert.match(answer.issued_at, /^\d{13}$/);
    assert.match(answer.access_token, /^00D\w{12}!/);
  });
});

describe("salesforce simulator: JWT bearer", () => {
  let folder, app, key;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "salesforce-jwt-"));
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        join(folder, "key"),
        "-out",
        join(folder, "certificate"),
        "-days",
        "2",
        "-subj",
        "/CN=simulator"
      ],
      { stdio: "ignore" }
    );
    app = { ...APP, certificate: readFileSync(join(folder, "certificate"), "utf8") };
    key = createPrivateKey(readFileSync(join(folder, "key")));
  });
  after(() => rmSync(folder, { recursive: true }));

  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  function assertion(claims = {}, alg = "RS256") {
    const text = `${part({ alg })}.${part({
      iss: APP.clientId,
      sub: USER.username,
      aud: organization.loginUrl,
      exp: Math.floor(Date.now() / 1000) + 180,
      ...claims
    })}`;
    return `${text}.${createSign("sha256").update(text).sign(key, "base64url")}`;
  }
  let organization;
  beforeEach(async () => {
    organization = await startSalesforce({ apps: [app] });
  });
  afterEach(() => organization.close());
  const grant = (jwt) =>
    new jsforce.Connection({
      version: VERSION,
      oauth2: { loginUrl: organization.loginUrl },
      logLevel: "FATAL"
    }).authorize({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: jwt });

  test("counts by certificate, expiry, audience and user", async () => {
    assert.equal((await grant(assertion())).organizationId, organization.organizationId);
    await grant(assertion({ aud: "https://login.salesforce.com" }));
    assert.match(
      (await refusal(grant(assertion({ aud: "https://example.com" })))).message,
      /audience/
    );
    assert.match(
      (await refusal(grant(assertion({ sub: "nobody@example.com" })))).message,
      /hasn't approved/
    );
    assert.equal((await refusal(grant(assertion({ exp: 1 })))).name, "invalid_grant");
    assert.match(
      (await refusal(grant(`${assertion().slice(0, -8)}AAAAAAAA`))).message,
      /invalid assertion/
    );
    assert.match((await refusal(grant(assertion({}, "HS256")))).message, /invalid assertion/);
    assert.match((await refusal(grant("nonsense"))).message, /invalid assertion/);
  });
});
