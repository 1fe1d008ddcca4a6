// /oauth2/authorize and /oauth2/token: codes with or without PKCE, short-lived access tokens,
// refresh tokens for those who ask for offline access.
import { createHash, randomBytes } from "node:crypto";
import { Malformed, send, unauthorized } from "./answers.mjs";

const SCOPES =
  "account_info.read files.content.read files.content.write files.metadata.read files.metadata.write sharing.read sharing.write";

export class Tokens {
  lifeSeconds = 14400;
  secrets = new Set();
  #access = new Map();
  #refresh = new Map();
  #codes = new Map();

  // app: {key, secret, redirectUris}
  constructor({ app, now }) {
    this.app = { ...app, redirectUris: [...(app.redirectUris ?? [])] };
    this.now = now;
  }

  // What was given out already is expired from now on.
  expire() {
    for (const token of this.#access.values()) token.until = 0;
  }
  revoke() {
    this.#access.clear();
    this.#refresh.clear();
  }
  end(request) {
    this.#access.delete(bearer(request));
  }

  open(account, scope = SCOPES) {
    const token = `sl.u.${randomBytes(90).toString("base64url")}`;
    this.#access.set(token, { account, scope, until: this.now() + this.lifeSeconds * 1000 });
    this.secrets.add(token);
    return token;
  }

  grantRefreshToken(account) {
    const token = randomBytes(48).toString("base64url");
    this.#refresh.set(token, account);
    this.secrets.add(token);
    return token;
  }

  // One more address that people may come back to.
  allowRedirect(uri) {
    this.app.redirectUris.push(uri);
  }

  // Whose request it is; `scope` must have been allowed.
  authenticate(request, scope) {
    const given = request.headers.authorization;
    if (given === undefined)
      throw new Malformed(
        'Must provide HTTP header "Authorization" or URL parameter "authorization".'
      );
    if (bearer(request) === undefined) {
      throw new Malformed(
        `Invalid authorization value in HTTP header "Authorization": "${given}".  Expecting "Bearer <oauth2-access-token>".`
      );
    }
    const token = this.#access.get(bearer(request));
    if (!token) throw unauthorized("invalid_access_token");
    if (token.until <= this.now()) throw unauthorized("expired_access_token");
    if (scope && !token.scope.split(" ").includes(scope))
      throw unauthorized("missing_scope", { required_scope: scope });
    return token.account;
  }

  // Who allows it is always `account`.
  authorize(response, query, account) {
    const target = query.get("redirect_uri");
    if (
      query.get("client_id") !== this.app.key ||
      (target !== null && !this.app.redirectUris.includes(target))
    ) {
      return void response
        .writeHead(400, { "content-type": "text/html" })
        .end("<h1>Error (400)</h1> Invalid client_id or redirect_uri");
    }
    const code = randomBytes(32).toString("base64url");
    this.secrets.add(code);
    this.#codes.set(code, {
      account,
      target,
      challenge: query.get("code_challenge"),
      offline: query.get("token_access_type") === "offline",
      plain: query.get("code_challenge_method") === "plain",
      scope: query.get("scope") ?? SCOPES
    });
    if (target === null)
      return void response.writeHead(200, { "content-type": "text/html" }).end(code);
    const back = new URL(target);
    back.searchParams.set("code", code);
    if (query.has("state")) back.searchParams.set("state", query.get("state"));
    response.writeHead(302, { location: back.href }).end();
  }

  // Dropbox' own clients put the form into the address, others into the body.
  answer(request, response, url, body) {
    const form = new URLSearchParams([
      ...url.searchParams,
      ...new URLSearchParams(body.toString("utf8"))
    ]);
    const refused = (error, description) =>
      send(response, {
        status: 400,
        body: { error, ...(description ? { error_description: description } : {}) }
      });
    const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    const [key, secret] = basic
      ? Buffer.from(basic, "base64").toString().split(":")
      : [form.get("client_id"), form.get("client_secret")];
    const grant = form.get("grant_type");
    const code = this.#codes.get(form.get("code"));
    const pkce =
      grant === "refresh_token" || (grant === "authorization_code" && form.has("code_verifier"));
    if (key !== this.app.key || (secret === null ? !pkce : secret !== this.app.secret)) {
      return refused("invalid_client: Invalid client_id or client_secret");
    }
    if (grant === "refresh_token") {
      const account = this.#refresh.get(form.get("refresh_token"));
      if (!account) return refused("invalid_grant", "refresh token is invalid or revoked");
      return send(response, {
        body: {
          access_token: this.open(account),
          token_type: "bearer",
          expires_in: this.lifeSeconds
        }
      });
    }
    if (grant !== "authorization_code")
      return refused("unsupported_grant_type", "unsupported grant type");
    this.#codes.delete(form.get("code"));
    if (!code) return refused("invalid_grant", "code doesn't exist or has expired");
    if (code.target !== form.get("redirect_uri"))
      return refused("invalid_grant", "redirect_uri mismatch");
    const verifier = form.get("code_verifier") ?? "";
    const shown = code.plain ? verifier : createHash("sha256").update(verifier).digest("base64url");
    if (code.challenge !== null && shown !== code.challenge)
      return refused("invalid_grant", "invalid code verifier");
    const { account, scope } = code;
    send(response, {
      body: {
        access_token: this.open(account, scope),
        token_type: "bearer",
        expires_in: this.lifeSeconds,
        ...(code.offline ? { refresh_token: this.grantRefreshToken(account) } : {}),
        scope,
        uid: String(account.uid),
        account_id: account.id
      }
    });
  }
}

const bearer = (request) => /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
