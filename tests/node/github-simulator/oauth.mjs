// How people authorize an app: /login/oauth/* at the address for people, with tokens that expire and
// refresh tokens that are good once, as GitHub Apps have them.
import { createHash, randomBytes } from "node:crypto";
import { Refusal } from "./answers.mjs";

const TOKEN_SECONDS = 28_800;
const REFRESH_SECONDS = 15_897_600;

export class Oauth {
  #apps;
  #codes = new Map();
  #refresh = new Set();

  // apps: [{clientId, clientSecret, redirectUris}]
  constructor(simulator, apps) {
    this.simulator = simulator;
    this.#apps = apps;
  }

  // {status, headers, body}; null for other addresses.
  answer(request, url, raw) {
    if (url.pathname === "/login/oauth/authorize" && request.method === "GET") return this.#authorize(url.searchParams);
    if (url.pathname !== "/login/oauth/access_token" || request.method !== "POST") return null;
    const answer = this.#token(new URLSearchParams(raw.toString("utf8")));
    // Refusals, too, come with 200; JSON is for who asks for it.
    if (/json/.test(request.headers.accept ?? "")) return { body: answer };
    return { headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
             body: new URLSearchParams(answer).toString() };
  }

  // The person who would log in and agree.
  #authorize(asked) {
    const app = this.#apps.find(({ clientId }) => clientId === asked.get("client_id"));
    if (!app) throw new Refusal(404, "Not Found");
    const target = asked.get("redirect_uri") ?? app.redirectUris[0];
    const back = new URL(target);
    if (asked.has("state")) back.searchParams.set("state", asked.get("state"));
    if (app.redirectUris.includes(target)) {
      const code = randomBytes(10).toString("hex");
      this.#codes.set(code, { app, target, challenge: asked.get("code_challenge") });
      back.searchParams.set("code", code);
    } else {
      back.searchParams.set("error", "redirect_uri_mismatch");
    }
    return { status: 302, headers: { location: back.href }, body: "" };
  }

  #token(form) {
    const app = this.#apps.find(({ clientId }) => clientId === form.get("client_id"));
    if (!app || app.clientSecret !== form.get("client_secret")) return refused("incorrect_client_credentials");
    if (form.get("grant_type") === "refresh_token") {
      return this.#refresh.delete(form.get("refresh_token")) ? this.#grant() : refused("bad_refresh_token");
    }
    const code = this.#codes.get(form.get("code"));
    this.#codes.delete(form.get("code"));
    if (code?.app !== app) return refused("bad_verification_code");
    if (form.has("redirect_uri") && form.get("redirect_uri") !== code.target) return refused("redirect_uri_mismatch");
    const hash = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
    if (code.challenge && code.challenge !== hash) return refused("bad_verification_code");
    return this.#grant();
  }

  #grant() {
    const token = `ghu_${randomBytes(18).toString("hex")}`;
    const refresh = `ghr_${randomBytes(38).toString("hex")}`;
    this.simulator.addToken(token, this.simulator.user("octocat"));
    this.#refresh.add(refresh);
    return { access_token: token, expires_in: TOKEN_SECONDS, refresh_token: refresh,
             refresh_token_expires_in: REFRESH_SECONDS, scope: "", token_type: "bearer" };
  }
}

const refused = (error) => ({ error, error_description: "It was refused.", error_uri: "https://docs.github.com/apps" });
