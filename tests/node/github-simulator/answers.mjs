// GitHub's error bodies and how a handler's answer becomes HTTP.
import { createHash } from "node:crypto";

const DOCUMENTATION = "https://docs.github.com/rest";

// Thrown by handlers; becomes the answer.
export class Refusal extends Error {
  constructor(status, message, { headers = {}, errors } = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
    this.body = { message, documentation_url: DOCUMENTATION, status: String(status) };
    if (errors) this.body.errors = errors;
  }
}

export const notFound = () => new Refusal(404, "Not Found");

export function invalid(resource, field, code, message) {
  const entry = message ? { resource, code, field, message } : { resource, code, field };
  return new Refusal(422, "Validation Failed", { errors: [entry] });
}

export function missing(name) {
  return new Refusal(422, `Invalid request.\n\n"${name}" wasn't supplied.`);
}

export function send(request, response, { status = 200, headers = {}, body }) {
  const isText = typeof body === "string" || Buffer.isBuffer(body);
  const text = body === undefined ? "" : isText ? body : JSON.stringify(body);
  if (text.length > 0 && !("content-type" in headers)) {
    headers["content-type"] = "application/json; charset=utf-8";
  }
  if (status === 200 && request.method === "GET") {
    const etag = `W/"${createHash("sha256").update(text).digest("hex")}"`;
    headers.etag = etag;
    if (request.headers["if-none-match"] === etag) {
      response.writeHead(304, { etag }).end();
      return;
    }
  }
  response.writeHead(status, { "x-github-media-type": "github.v3; format=json", ...headers });
  response.end(text);
}
