// A model of Salesforce as far as integrations use it: OAuth, the REST API with SOQL, collections
// and composite, Bulk API 2.0, and outbound messages that are really delivered.
// salesforce-simulator*.test.mjs prove it with jsforce.
//
// Not modelled: SOQL beyond soql.mjs (GROUP BY, subqueries), sharing and field permissions, governor
// limits, composite graph, tree and batch, Bulk API 1.0 and multipart jobs, streaming, SOAP but for
// the metadata of outbound messages. Where documentation is silent (codes of refusals in the
// metadata of workflows, the status of OAuth refusals) it is what others report.
//
//   node salesforce-simulator.mjs [--port N] [--client-id C] [--client-secret S] [--user U]
//        [--password P]
//
// prints `ready http://127.0.0.1:PORT`. From a test:
//
//   const salesforce = await startSalesforce({ objects: [{ name: "Invoice__c", fields: [...] }] });
//   salesforce.url          the organization's own address (My Domain), which also gives tokens
//   salesforce.loginUrl     gives tokens only, as login.salesforce.com: data is at instance_url
//   salesforce.failNext({ match: /query/, status: 503 })       see simulator-server.mjs
//   salesforce.apiLimit.used = salesforce.apiLimit.max;         REQUEST_LIMIT_EXCEEDED
//   salesforce.tokens.expireSessions();                         INVALID_SESSION_ID
//   salesforce.tokens.allowRedirect("http://127.0.0.1:8080/oauth/callback");
//   salesforce.records.lock([id]);                              UNABLE_TO_LOCK_ROW, once
//   salesforce.createRecord("Account", {...}, { at: Date.parse("2024-01-01T00:00:00Z") });
//   salesforce.bulk.hold(); salesforce.bulk.step();             jobs go on when told to
//   salesforce.outbound.pause();                                outbound messages wait
//   salesforce.outbound.again();                                the last one once more
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Refusal, missing, parseJson, refuse, send } from "./salesforce-simulator/answers.mjs";
import { Bulk } from "./salesforce-simulator/bulk.mjs";
import { Ids, to18 } from "./salesforce-simulator/ids.mjs";
import { metadataCall } from "./salesforce-simulator/metadata-soap.mjs";
import { Outbound } from "./salesforce-simulator/outbound.mjs";
import { Pages } from "./salesforce-simulator/query.mjs";
import { Records } from "./salesforce-simulator/records.mjs";
import { answer } from "./salesforce-simulator/rest.mjs";
import { Schema } from "./salesforce-simulator/schema.mjs";
import { Tokens } from "./salesforce-simulator/tokens.mjs";
import { Workflow } from "./salesforce-simulator/workflow.mjs";
import { SimulatorServer } from "./simulator-server.mjs";

const VERSIONS = Array.from({ length: 21 }, (_, n) => `${46 + n}.0`);
export const APP = {
  clientId: "3MVG9simulator",
  clientSecret: "app-secret",
  redirectUris: ["http://127.0.0.1/callback"],
  runAs: "integration@example.com"
};
export const USER = { username: "integration@example.com", password: "passw0rd" };

class Salesforce extends SimulatorServer {
  versions = VERSIONS;
  apiLimit = { max: 15000, used: 0 };
  pages = new Pages();
  pageSize = 2000;
  // Salesforce takes no batch size under 200; a test may.
  smallestPage = 200;
  bulkPageSize = 50_000;
  organizationId = to18("00Dd0000000gAbC");
  to18 = to18;

  // now: gives milliseconds; apps and users: see tokens.mjs, the first user is who logs in.
  constructor({ apps = [APP], users = [USER], objects = [], fields = {}, now = Date.now } = {}) {
    super();
    this.now = now;
    this.startedAt = now();
    this.ids = new Ids();
    this.schema = new Schema(now);
    for (const object of objects) this.schema.define(object);
    for (const [object, list] of Object.entries(fields))
      for (const field of list) this.schema.addField(object, field);
    this.records = new Records(this.schema, this.ids, now);
    this.users = users.map((user) => ({
      ...user,
      id: this.createRecord("User", {
        Username: user.username,
        Name: user.username,
        LastName: user.username,
        Email: user.username,
        IsActive: true
      }).Id
    }));
    this.tokens = new Tokens({ apps, users: this.users, organizationId: this.organizationId, now });
    this.workflow = new Workflow(this);
    this.outbound = new Outbound(this);
    this.bulk = new Bulk(this);
    this.records.onChange = (change) => this.workflow.changed(change);
    this.workflow.onFire = (message, id) => this.outbound.add(message, id);
  }

  async listen(port = 0) {
    const injected = ({ status, code = "SERVER_UNAVAILABLE", message = "An injected failure" }) => [
      { message, errorCode: status === 401 ? "INVALID_SESSION_ID" : code }
    ];
    this.url = await this.open(port, {
      refuse,
      injected,
      handle: (...all) => this.#handle(this.url, false, ...all)
    });
    this.loginUrl = await this.open(0, {
      refuse,
      injected,
      handle: (...all) => this.#handle(this.loginUrl, true, ...all)
    });
    return this;
  }

  async close() {
    this.bulk.stop();
    await this.outbound.stop();
    await this.shut();
  }

  // As somebody in the user interface would, or another integration: rules fire. `at` gives the
  // time that the record says, which may lie before what a poll has seen already.
  createRecord(object, fields, options = {}) {
    return this.records.create(this.records.object(object), fields, this.#as(options));
  }
  updateRecord(object, id, fields, options = {}) {
    return this.records.update(this.records.object(object), id, fields, this.#as(options));
  }
  deleteRecord(object, id, options = {}) {
    return this.records.remove(this.records.object(object), id, this.#as(options));
  }
  all(object) {
    return [...this.records.table(this.records.object(object)).values()].filter(
      (record) => !record.IsDeleted
    );
  }

  #as(options) {
    return { user: this.users?.[0]?.id ?? null, ...options };
  }

  #handle(base, loginOnly, request, response, url, raw) {
    const { pathname } = url;
    if (pathname.startsWith("/services/oauth2/"))
      return this.tokens.answer(request, response, url, raw, base, this.url);
    if (loginOnly)
      throw new Refusal(
        404,
        "URL_NOT_RESET",
        "Destination URL not reset. The URL returned from login must be set"
      );
    if (/^\/services\/Soap\/m\/\d+\.0$/.test(pathname) && request.method === "POST")
      return send(response, metadataCall(this, raw));
    if (/^\/services\/data\/?$/.test(pathname))
      return send(response, {
        body: VERSIONS.map((version) => ({
          label: `Release ${version}`,
          url: `/services/data/v${version}`,
          version
        }))
      });
    const identity = /^\/id\/(\w+)\/(\w+)$/.exec(pathname);
    if (identity) return this.#identity(request, response, url);
    const [, version, path] = /^\/services\/data\/v(\d+\.\d)(\/.*)?$/.exec(pathname) ?? [];
    if (!VERSIONS.includes(version)) throw missing();
    const user = this.tokens.authenticate(request);
    this.#count(response);
    const json = /^application\/json/.test(request.headers["content-type"] ?? "");
    if (["POST", "PATCH"].includes(request.method) && !json) {
      throw new Refusal(
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        "Content type specified in HTTP header not supported: " + request.headers["content-type"]
      );
    }
    const body = json && raw.length > 0 ? parseJson(raw) : {};
    send(
      response,
      answer(this, {
        path: path ?? "",
        method: request.method === "HEAD" ? "GET" : request.method,
        url,
        body,
        raw,
        base: `/services/data/v${version}`,
        version,
        user,
        request
      })
    );
  }

  #identity(request, response, url) {
    const token =
      url.searchParams.get("oauth_token") ??
      /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    const user = this.tokens.userOf(token);
    if (!user)
      return send(response, {
        status: 403,
        headers: { "content-type": "text/html" },
        body: "Bad_OAuth_Token"
      });
    send(response, { body: this.tokens.identity(this.url, user) });
  }

  #count(response) {
    const { max, used } = this.apiLimit;
    response.setHeader("sforce-limit-info", `api-usage=${Math.min(used + 1, max)}/${max}`);
    if (used >= max)
      throw new Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
    this.apiLimit.used += 1;
  }
}

export function startSalesforce({ port = 0, ...options } = {}) {
  return new Salesforce(options).listen(port);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "0" },
      "client-id": { type: "string", default: APP.clientId },
      "client-secret": { type: "string", default: APP.clientSecret },
      user: { type: "string", default: USER.username },
      password: { type: "string", default: USER.password }
    }
  });
  const salesforce = await startSalesforce({
    port: Number(values.port),
    users: [{ username: values.user, password: values.password }],
    apps: [
      {
        ...APP,
        clientId: values["client-id"],
        clientSecret: values["client-secret"],
        runAs: values.user
      }
    ]
  });
  console.log(`ready ${salesforce.url}`);
  process.once("SIGTERM", () => void salesforce.close());
}
