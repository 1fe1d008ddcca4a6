// How Dropbox says what went wrong: plain text for requests that it does not understand, a union
// in JSON for what a route cannot do.

// 400: the request itself is wrong.
export class Malformed extends Error {
  constructor(message) {
    super(message);
    this.status = 400;
  }
}

// 409: `path` names the tags from the outside in, `details` belong to the innermost.
// failure(["path", "not_found"]) becomes {".tag": "path", "path": {".tag": "not_found"}}.
export class Failure extends Error {
  constructor(tags, { details = {}, status = 409, headers = {}, error } = {}) {
    super(tags.join("/"));
    this.status = status;
    this.headers = headers;
    this.body = {
      error_summary: `${tags.join("/")}/${".".repeat((tags.join().length % 3) + 1)}`,
      error: error ?? union(tags, details)
    };
  }
}

export const union = ([tag, ...inner], details) =>
  inner.length === 0 ? { ".tag": tag, ...details } : { ".tag": tag, [tag]: union(inner, details) };

export const unauthorized = (tag, details) => new Failure([tag], { status: 401, details });

export function rateLimited(seconds, reason = "too_many_requests") {
  return new Failure([reason], {
    status: 429,
    headers: { "retry-after": String(seconds) },
    error: { reason: { ".tag": reason }, retry_after: seconds }
  });
}

// Header values are ASCII: what is above goes as \uXXXX.
export const headerJson = (value) =>
  JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`
  );

export function send(response, { status = 200, headers = {}, body = null }) {
  const plain = Buffer.isBuffer(body);
  response.writeHead(status, {
    "content-type": plain ? "application/octet-stream" : "application/json",
    "x-dropbox-request-id": "simulator",
    ...headers
  });
  response.end(plain ? body : JSON.stringify(body));
}

// `route` is named in complaints about requests.
export function refuse(response, error, route = "") {
  if (error instanceof Failure) return send(response, error);
  const text =
    error instanceof Malformed
      ? `Error in call to API function "${route}": ${error.message}`
      : String(error.stack);
  const status = error.tooLarge ? 413 : (error.status ?? 500);
  if (status === 500) console.error(error);
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "x-dropbox-request-id": "simulator"
  });
  response.end(text);
}
