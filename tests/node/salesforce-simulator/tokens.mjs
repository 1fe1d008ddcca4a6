// The authorization server: /services/oauth2/*, sessions and refresh tokens.
import { createHash, createHmac, createPublicKey, randomBytes, verify } from "node:crypto";
import { OauthRefusal, Refusal, send } from "./answers.mjs";

const CODE_SECONDS = 900;
const refusedGrant = (description) => new OauthRefusal("invalid_grant", description);

export class Tokens {
  // Whether a refresh gives a new refresh token and ends the old one ("rotation" of an app).
  rotate = false;
  sessionSeconds = 7200;
  #sessions = new Map();
  #refresh = new Map();
  #codes = new Map();
  // What was given out, for tests that look for it where it must not be.
  secrets = new Set();

  // apps: [{clientId, clientSecret, redirectUris?, certificate?, runAs?, passwordFlow?}]
  // users: [{id, username, password}]
  constructor({ apps, users, organizationId, now }) {
    this.apps = apps.map((app) => ({ ...app, redirectUris: [...(app.redirectUris ?? [])] }));
    Object.assign(this, { users, organizationId, now });
  }

  expireSessions() {
    this.#sessions.clear();
  }
  revokeRefreshTokens() {
    this.#refresh.clear();
  }

  // One more address that people may come back to.
  allowRedirect(uri, app = this.apps[0]) {
    app.redirectUris.push(uri);
  }

  // Gives the user of a request, or refuses it as the REST API does.
  authenticate(request) {
    const given = /^(?:Bearer|OAuth) (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    const user = this.userOf(given);
    if (user) return user;
    throw new Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid", {
      headers: { "www-authenticate": "Token" }
    });
  }

  userOf(token) {
    const session = this.#sessions.get(token);
    return session && session.until > this.now() ? session.user : undefined;
  }

  // A session for tests and outbound messages.
  open(user, app = this.apps[0]) {
    const token = `${this.organizationId.slice(0, 15)}!AQ${randomBytes(40).toString("base64url")}`;
    this.#sessions.set(token, { user, app, until: this.now() + this.sessionSeconds * 1000 });
    this.secrets.add(token);
    return token;
  }

  identity(base, user) {
    return {
      id: `${base}/id/${this.organizationId}/${user.id}`,
      user_id: user.id,
      organization_id: this.organizationId,
      username: user.username,
      display_name: user.username.split("@")[0],
      email: user.username,
      active: true,
      user_type: "STANDARD",
      language: "en_US",
      locale: "en_US",
      utcOffset: 0,
      asserted_user: true,
      urls: {
        rest: `${base}/services/data/v{version}/`,
        sobjects: `${base}/services/data/v{version}/sobjects/`,
        query: `${base}/services/data/v{version}/query/`
      }
    };
  }

  // `instance` is where this organization's data is; `base` the host that was asked.
  answer(request, response, url, body, base, instance) {
    const path = url.pathname.replace("/services/oauth2/", "");
    const form =
      request.method === "POST" ? new URLSearchParams(body.toString("utf8")) : url.searchParams;
    if (path === "token" && request.method === "POST")
      return send(response, {
        headers: { "cache-control": "no-store" },
        body: this.#token(request, form, base, instance)
      });
    if (path === "authorize") return this.#authorize(response, form);
    if (path === "revoke") return this.#revoke(response, form.get("token"));
    if (path === "userinfo") return this.#userinfo(request, response, instance);
    throw new Refusal(404, "NOT_FOUND", "The requested resource does not exist");
  }

  #userinfo(request, response, instance) {
    const user = this.userOf(/^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1]);
    if (!user)
      return send(response, {
        status: 403,
        headers: { "content-type": "text/html" },
        body: "Bad_OAuth_Token"
      });
    const { id, user_id, organization_id, username, display_name, email } = this.identity(
      instance,
      user
    );
    send(response, {
      body: {
        sub: id,
        user_id,
        organization_id,
        preferred_username: username,
        nickname: display_name,
        name: display_name,
        email,
        email_verified: true,
        active: true,
        zoneinfo: "GMT"
      }
    });
  }

  #revoke(response, token) {
    for (const [refresh, grant] of this.#refresh)
      if (refresh === token) {
        this.#refresh.delete(refresh);
        for (const [session, one] of this.#sessions)
          if (one.user === grant.user && one.app === grant.app) this.#sessions.delete(session);
        return send(response, { body: "" });
      }
    if (!this.#sessions.delete(token))
      throw new OauthRefusal("unsupported_token_type", "this token type is not supported");
    send(response, { body: "" });
  }

  // The person who would log in and allow it: always the first user.
  #authorize(response, form) {
    const app = this.apps.find((one) => one.clientId === form.get("client_id"));
    const target = form.get("redirect_uri");
    if (!app) throw new OauthRefusal("invalid_client_id", "client identifier invalid");
    if (!app.redirectUris.includes(target))
      throw new OauthRefusal("redirect_uri_mismatch", "redirect_uri must match configuration");
    const back = new URL(target);
    if (form.has("state")) back.searchParams.set("state", form.get("state"));
    if (form.get("response_type") !== "code")
      back.searchParams.set("error", "unsupported_response_type");
    else {
      const code = `aPrx${randomBytes(30).toString("base64url")}==`;
      this.#codes.set(code, {
        app,
        target,
        challenge: form.get("code_challenge"),
        scope: form.get("scope"),
        until: this.now() + CODE_SECONDS * 1000
      });
      this.secrets.add(code);
      back.searchParams.set("code", code);
    }
    response.writeHead(302, { location: back.href }).end();
  }

  #token(request, form, base, instance) {
    const grant = form.get("grant_type");
    if (grant === "urn:ietf:params:oauth:grant-type:jwt-bearer")
      return this.#jwt(form.get("assertion"), base, instance);
    const app = this.#app(request, form, grant);
    if (grant === "password") {
      const user = this.users.find(
        (one) => one.username === form.get("username") && one.password === form.get("password")
      );
      if (!user || app.passwordFlow === false) throw refusedGrant("authentication failure");
      return this.#grant(app, user, instance);
    }
    if (grant === "client_credentials") {
      if (!app.runAs) throw refusedGrant("no client credentials user enabled");
      return this.#grant(
        app,
        this.users.find((one) => one.username === app.runAs),
        instance
      );
    }
    if (grant === "refresh_token") return this.#refreshed(app, form.get("refresh_token"), instance);
    if (grant === "authorization_code") return this.#redeem(app, form, instance);
    throw new OauthRefusal("unsupported_grant_type", "grant type not supported");
  }

  #app(request, form, grant) {
    const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    const [id, secret] = basic
      ? Buffer.from(basic, "base64").toString().split(":").map(decodeURIComponent)
      : [form.get("client_id"), form.get("client_secret")];
    const app = this.apps.find((one) => one.clientId === id);
    if (!app) throw new OauthRefusal("invalid_client_id", "client identifier invalid");
    const optional =
      grant === "refresh_token" || (grant === "authorization_code" && app.secretOptional);
    if (secret === null && !(optional && app.secretOptional))
      throw new OauthRefusal("invalid_request", "client_secret is required");
    if (secret !== null && secret !== app.clientSecret)
      throw new OauthRefusal("invalid_client", "invalid client credentials");
    return app;
  }

  #redeem(app, form, instance) {
    const code = this.#codes.get(form.get("code"));
    this.#codes.delete(form.get("code"));
    if (!code || code.app !== app) throw refusedGrant("invalid authorization code");
    if (code.until < this.now()) throw refusedGrant("expired authorization code");
    if (code.target !== form.get("redirect_uri"))
      throw new OauthRefusal("redirect_uri_mismatch", "redirect_uri must match configuration");
    const hash = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (code.challenge && hash !== code.challenge) throw refusedGrant("invalid code verifier");
    const answer = this.#grant(app, this.users[0], instance);
    if (/(^| )(refresh_token|offline_access|full)( |$)/.test(code.scope ?? "refresh_token"))
      answer.refresh_token = this.#newRefresh(app, this.users[0]);
    return answer;
  }

  // Gives a refresh token as if the person had allowed it long ago.
  grantRefreshToken(app = this.apps[0], user = this.users[0]) {
    return this.#newRefresh(app, user);
  }

  #newRefresh(app, user) {
    const token = `5Aep861${randomBytes(50).toString("base64url")}`;
    this.#refresh.set(token, { app, user });
    this.secrets.add(token);
    return token;
  }

  #refreshed(app, token, instance) {
    const grant = this.#refresh.get(token);
    if (!grant || grant.app !== app) throw refusedGrant("expired access/refresh token");
    const answer = this.#grant(app, grant.user, instance);
    if (this.rotate) {
      this.#refresh.delete(token);
      answer.refresh_token = this.#newRefresh(app, grant.user);
    }
    return answer;
  }

  #jwt(assertion, base, instance) {
    const parts = (assertion ?? "").split(".");
    let header, claims;
    try {
      [header, claims] = parts
        .slice(0, 2)
        .map((part) => JSON.parse(Buffer.from(part, "base64url")));
    } catch {
      throw refusedGrant("invalid assertion");
    }
    const app = this.apps.find((one) => one.clientId === claims.iss);
    if (!app) throw new OauthRefusal("invalid_client_id", "client identifier invalid");
    const key = app.certificate && createPublicKey(app.certificate);
    if (
      header.alg !== "RS256" ||
      !key ||
      parts.length !== 3 ||
      !verify(
        "sha256",
        Buffer.from(parts.slice(0, 2).join(".")),
        key,
        Buffer.from(parts[2], "base64url")
      )
    ) {
      throw refusedGrant("invalid assertion");
    }
    if (
      ![base, instance, "https://login.salesforce.com", "https://test.salesforce.com"].includes(
        claims.aud
      )
    )
      throw refusedGrant("audience is invalid");
    const seconds = this.now() / 1000;
    if (!(Number(claims.exp) > seconds)) throw refusedGrant("expired authorization code");
    if (Number(claims.exp) > seconds + 300) throw refusedGrant("expiry is too far in the future");
    const user = this.users.find((one) => one.username === (claims.sub ?? claims.prn));
    if (!user) throw refusedGrant("user hasn't approved this consumer");
    return this.#grant(app, user, instance);
  }

  // No expires_in: Salesforce does not say how long a session lives.
  #grant(app, user, instance) {
    const id = `${instance}/id/${this.organizationId}/${user.id}`;
    const issued = String(this.now());
    return {
      access_token: this.open(user, app),
      signature: createHmac("sha256", app.clientSecret)
        .update(id + issued)
        .digest("base64"),
      scope: "api refresh_token",
      instance_url: instance,
      id,
      token_type: "Bearer",
      issued_at: issued
    };
  }
}
