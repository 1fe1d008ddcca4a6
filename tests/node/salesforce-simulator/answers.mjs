// Salesforce's error bodies and how a handler's answer becomes HTTP.

// Thrown by handlers; becomes the answer: an array with one error, as the REST API sends it.
export class Refusal extends Error {
  constructor(status, errorCode, message, { fields, headers = {} } = {}) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
    this.fields = fields;
    this.headers = headers;
  }

  get body() {
    const error = { message: this.message, errorCode: this.errorCode };
    if (this.fields) error.fields = this.fields;
    return [error];
  }

  // As the collection resources and `errors` of a save result show it.
  get inResult() {
    return { statusCode: this.errorCode, message: this.message, fields: this.fields ?? [] };
  }
}

// An error of the authorization server, which has another form.
export class OauthRefusal extends Error {
  constructor(error, description, status = 400) {
    super(description);
    this.status = status;
    this.headers = { "cache-control": "no-store" };
    this.body = { error, error_description: description };
  }
}

export const missing = () => new Refusal(404, "NOT_FOUND", "The requested resource does not exist");

export const badJson = (detail) => new Refusal(400, "JSON_PARSER_ERROR", detail);

export function send(response, { status = 200, headers = {}, body }) {
  if (body === undefined) return void response.writeHead(status, headers).end();
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json;charset=UTF-8", ...headers });
  response.end(text);
}

// What went wrong inside the simulator is a 500 that says so, never a hanging request.
export function refuse(response, error) {
  if (error.tooLarge)
    error = new Refusal(413, "REQUEST_ENTITY_TOO_LARGE", "Request entity too large");
  if (error.status) return send(response, error);
  console.error(error);
  send(response, {
    status: 500,
    body: [{ errorCode: "UNKNOWN_EXCEPTION", message: String(error.stack) }]
  });
}

export function parseJson(body) {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw badJson(`${error.message} at [line:1, column:1]`);
  }
}
