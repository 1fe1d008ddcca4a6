// A real OpenID provider (npm's oidc-provider) with clients of its own, short lives of tokens, and
// the addresses that need one of them.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";
import { waitFor } from "./e2e/processes.mjs";

export const PERSON = { id: "sluice-person", secret: "person-client-secret-canary" };
export const MACHINE = { id: "sluice-machine", secret: "machine-client-secret-canary" };

// Resolves once it listens. `personProves`: how the person's client shows its secret. `lifeSeconds` is
// what it says of access tokens' lives, and may change at any time: it takes them for an hour all the
// same, so that a slow machine's call is not refused. `tokenRequests` has the form of each request of
// a token; `hold(grant)` keeps answers to requests of that grant until the function that it gives is
// called.
export async function startProvider({ redirectUri, personProves = "client_secret_basic" }) {
  const server = createServer();
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${server.address().port}`;
  const state = { url, lifeSeconds: 3600, tokenRequests: [], secrets: new Set() };
  const holds = new Map();

  const provider = new Provider(url, {
    clients: [
      { client_id: PERSON.id, client_secret: PERSON.secret, redirect_uris: [redirectUri],
        grant_types: ["authorization_code", "refresh_token"], response_types: ["code"],
        token_endpoint_auth_method: personProves },
      { client_id: MACHINE.id, client_secret: MACHINE.secret, redirect_uris: [], response_types: [],
        grant_types: ["client_credentials"], token_endpoint_auth_method: "client_secret_post" },
    ],
    scopes: ["openid", "offline_access", "api"],
    features: {
      devInteractions: { enabled: true }, clientCredentials: { enabled: true },
      revocation: { enabled: true }, userinfo: { enabled: true },
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    cookies: { keys: ["only for a test"] },
    ttl: {
      AccessToken: 3600, ClientCredentials: 3600, AuthorizationCode: 60, RefreshToken: 3600, Grant: 3600,
      Session: 3600, Interaction: 3600, IdToken: 3600,
    },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  });
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path !== "/token" || ctx.method !== "POST") return;
    const form = ctx.oidc?.params ?? {};
    if (ctx.body?.expires_in) ctx.body.expires_in = state.lifeSeconds;
    state.tokenRequests.push({ grant: form.grant_type, status: ctx.status, error: ctx.body?.error });
    for (const name of ["access_token", "refresh_token", "id_token"]) {
      if (ctx.body?.[name]) state.secrets.add(ctx.body[name]);
    }
    for (const name of ["code", "code_verifier"]) if (form[name]) state.secrets.add(form[name]);
    await holds.get(form.grant_type);
  });

  // Whose token it is: {sub} or {client}; 401 for one that does not count (any more).
  const bearer = (request) => /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1]
    ?? new URL(request.url, url).searchParams.get("access_token") ?? "";
  const answer = (response, status, body) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  const oidc = provider.callback();
  server.on("request", async (request, response) => {
    const { pathname } = new URL(request.url, url);
    if (pathname === "/machine") {
      const found = await provider.ClientCredentials.find(bearer(request));
      return found?.isValid ? answer(response, 200, { client: found.clientId }) : answer(response, 401, {});
    }
    if (pathname !== "/me" || request.headers["x-real"]) return oidc(request, response);
    const found = await provider.AccessToken.find(bearer(request));
    if (!found?.isValid || !(await provider.Grant.find(found.grantId))) return answer(response, 401, {});
    return answer(response, 200, { sub: found.accountId });
  });

  state.hold = (grant) => {
    let release;
    holds.set(grant, new Promise((done) => { release = done; }));
    return () => { holds.delete(grant); release(); };
  };
  // As a person who takes back what he allowed: all his grants, and what came of them.
  state.revokeAll = async () => {
    for (const token of state.secrets) {
      const found = await provider.RefreshToken.find(token) ?? await provider.AccessToken.find(token);
      if (!found?.grantId) continue;
      await (await provider.Grant.find(found.grantId))?.destroy();
      await provider.RefreshToken.revokeByGrantId(found.grantId);
      await provider.AccessToken.revokeByGrantId(found.grantId);
    }
  };
  // Access tokens alone: what refreshes them goes on.
  state.endAccessTokens = async () => {
    for (const token of state.secrets) await (await provider.AccessToken.find(token))?.destroy();
  };
  // Until the token has ended that `use` gets in place of the present one; `expires` tells when.
  state.outlive = async (use, expires) => {
    state.lifeSeconds = 1;
    await state.endAccessTokens();
    await use();
    state.lifeSeconds = 3600;
    await waitFor("the end of the access token", async () => Date.parse(await expires()) < Date.now());
  };
  state.count = (grant) => state.tokenRequests.filter((one) => one.grant === grant).length;
  state.close = () => new Promise((done) => { server.close(done); server.closeAllConnections(); });
  return state;
}

// What a person's browser does from the provider's first page on: follows redirects, keeps cookies,
// logs in, agrees. Gives the address at which it is sent back to `callback`.
export async function browse(start, { callback, agree = true }) {
  const cookies = new Map();
  let address = start;
  let form;
  for (let steps = 0; steps < 20; ++steps) {
    if (address.startsWith(callback)) return address;
    const response = await fetch(address, {
      redirect: "manual", method: form ? "POST" : "GET", body: form,
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
    });
    for (const line of response.headers.getSetCookie()) {
      const [name, value] = line.split(";")[0].split("=");
      if (value) cookies.set(name, value); else cookies.delete(name);
    }
    form = undefined;
    const page = await response.text();
    const next = response.headers.get("location");
    if (next) {
      address = new URL(next, address).href;
      continue;
    }
    if (response.status !== 200) throw new Error(`${address}: ${response.status} ${page}`);
    const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    if (!action) throw new Error(`no form at ${address}: ${page}`);
    if (prompt === "consent" && !agree) {
      address = new URL(/href="([^"]*\/abort)"/.exec(page)[1], address).href;
      continue;
    }
    address = new URL(action, address).href;
    form = new URLSearchParams({ prompt, login: "ada", password: "any" });
  }
  throw new Error(`the way from ${start} does not end`);
}
