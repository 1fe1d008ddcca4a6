// GitHub Apps: a statement signed with the app's key buys a token of one of its installations.
import { randomBytes, verify } from "node:crypto";
import { Refusal, notFound } from "./answers.mjs";

const refused = (message) => new Refusal(401, message);

function read(part) {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString());
  } catch {
    throw refused("A JSON web token could not be decoded");
  }
}

// The app that signed the request's bearer token.
function appOf(apps, authorization, nowSeconds) {
  const [header, claims, signature] = (/^Bearer (.+)$/i.exec(authorization ?? "")?.[1] ?? "").split(".");
  if (!signature) throw refused("A JSON web token could not be decoded");
  if (read(header).alg !== "RS256") throw refused("The signing algorithm must be RS256");
  const { iat, exp, iss } = read(claims);
  if (!Number.isInteger(iat) || iat > nowSeconds) throw refused("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
  if (!Number.isInteger(exp) || exp <= nowSeconds) throw refused("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires");
  if (exp - nowSeconds > 600) throw refused("'Expiration time' claim ('exp') is too far in the future");
  const app = apps.find(({ id }) => String(id) === String(iss));
  if (!app) throw refused("Integration not found");
  const signed = Buffer.from(`${header}.${claims}`);
  if (!verify("RSA-SHA256", signed, app.publicKey, Buffer.from(signature, "base64url"))) {
    throw refused("A JSON web token could not be decoded");
  }
  return app;
}

export function createToken(simulator, apps, request, installation) {
  const now = Math.floor(Date.now() / 1000);
  const app = appOf(apps, request.headers.authorization, now);
  if (!app.installations.map(String).includes(installation)) throw notFound();
  const token = `ghs_${randomBytes(18).toString("hex")}`;
  simulator.addToken(token, simulator.user(`${app.slug ?? "app"}[bot]`));
  return { status: 201, body: {
    token, expires_at: `${new Date((now + 3600) * 1000).toISOString().slice(0, 19)}Z`,
    permissions: { issues: "write", metadata: "read" }, repository_selection: "all" } };
}
