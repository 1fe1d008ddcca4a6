// The REST API under /services/data/vNN.N/.
import { createHash } from "node:crypto";
import { Refusal, missing } from "./answers.mjs";
import { collection, composite } from "./collections.mjs";
import { run } from "./query.mjs";
import { basicInformation, describe, describeGlobal, fieldOf } from "./schema.mjs";
import * as times from "./times.mjs";
import { tooling } from "./tooling.mjs";
import { toJson } from "./values.mjs";

const RESOURCES = ["composite", "jobs", "limits", "query", "queryAll", "sobjects", "tooling"];

const notAllowed = (method, allowed) =>
  new Refusal(
    405,
    "METHOD_NOT_ALLOWED",
    `HTTP Method '${method}' not allowed. Allowed are ${allowed}`
  );

// One request below the version: `path` begins after it. Gives {status, headers, body}.
export function answer(world, context) {
  const { path, method, url, body, base, user } = context;
  const [resource, ...rest] = path.split("/").filter(Boolean).map(decodeURIComponent);
  if (!resource) {
    return {
      body: {
        ...Object.fromEntries(RESOURCES.map((name) => [name, `${base}/${name}`])),
        identity: `${world.url}/id/${world.organizationId}/${user.id}`
      }
    };
  }
  if (resource === "sobjects") return sobjects(world, { ...context, rest });
  if (resource === "query" || resource === "queryAll")
    return query(world, { ...context, rest, all: resource === "queryAll" });
  if (resource === "limits") return { body: limits(world) };
  if (resource === "composite" && rest[0] === "sobjects")
    return { body: collection(world, { ...context, rest: rest.slice(1) }) };
  if (resource === "composite" && rest.length === 0 && method === "POST") {
    return {
      body: composite(world, body, (inner, address, content) =>
        nested(world, context, inner, address, content)
      )
    };
  }
  if (resource === "tooling") return tooling(world, { method, rest, url, body, base });
  if (resource === "jobs" && (rest[0] === "ingest" || rest[0] === "query")) {
    return world.bulk.answer({ ...context, kind: rest[0], rest: rest.slice(1) });
  }
  throw missing();
}

function nested(world, context, method, address, content) {
  const url = new URL(address, "http://simulator");
  if (!url.pathname.startsWith(`${context.base}/`))
    throw new Refusal(404, "NOT_FOUND", `The url is not of this API version: ${address}`);
  const path = url.pathname.slice(context.base.length);
  if (!/^\/(sobjects|query|queryAll|composite\/sobjects)(\/|$)/.test(path)) {
    throw new Refusal(400, "INVALID_API_INPUT", `Invalid resource URL: ${address}`);
  }
  const answered = answer(world, { ...context, method, url, path, body: content });
  return { ...answered, location: answered.headers?.location };
}

function limits(world) {
  const { max, used } = world.apiLimit;
  return {
    DailyApiRequests: { Max: max, Remaining: Math.max(0, max - used) },
    DailyBulkV2QueryJobs: { Max: 10000, Remaining: 9999 },
    DailyBulkApiBatches: { Max: 15000, Remaining: 15000 },
    DataStorageMB: { Max: 5, Remaining: 5 },
    ConcurrentAsyncGetReportInstances: { Max: 200, Remaining: 200 }
  };
}

function query(world, { method, rest, url, base, request, all }) {
  if (method !== "GET") throw notAllowed(method, "GET,HEAD");
  const asked = Number(
    /batchSize=(\d+)/i.exec(request.headers["sforce-query-options"] ?? "")?.[1] ?? world.pageSize
  );
  const size = Math.min(Math.max(asked, world.smallestPage), 2000);
  if (rest[0]) return { body: world.pages.more(base, rest[0], size) };
  const text = url.searchParams.get("q");
  if (!text) throw new Refusal(400, "MALFORMED_QUERY", "unexpected token: '<EOF>'");
  return { body: world.pages.first(base, run(world, text, { deleted: all }), size) };
}

function sobjects(world, context) {
  const { method, rest, base, request } = context;
  if (rest.length === 0) {
    if (method !== "GET") throw notAllowed(method, "GET,HEAD");
    return unlessNewer(request, world.schema.changedAt, () => describeGlobal(world.schema, base));
  }
  const object = world.records.object(rest[0]);
  if (rest.length === 1) return whole(world, object, context);
  if (rest[1] === "describe" && method === "GET")
    return unlessNewer(request, world.schema.changedAt, () => describe(object, base));
  if ((rest[1] === "updated" || rest[1] === "deleted") && method === "GET")
    return changes(world, object, rest[1], context.url);
  if (rest.length === 2) {
    if (rest[1] === "Id" && method === "POST") return create(world, object, context);
    return one(world, object, rest[1], context);
  }
  if (rest.length === 3) return byExternalId(world, object, context);
  throw missing();
}

function whole(world, object, context) {
  if (context.method === "GET") return { body: basicInformation(object, context.base) };
  if (context.method !== "POST") throw notAllowed(context.method, "GET,HEAD,POST");
  return create(world, object, context);
}

function options({ user, request }) {
  return {
    user: user.id,
    allowDuplicates: /allowSave=true/i.test(request.headers["sforce-duplicate-rule-header"] ?? "")
  };
}

function create(world, object, context) {
  const record = world.records.create(object, context.body, options(context));
  return {
    status: 201,
    headers: { location: `${context.base}/sobjects/${object.name}/${record.Id}` },
    body: { id: record.Id, success: true, errors: [] }
  };
}

function show(object, record, url, base) {
  const asked = url.searchParams.get("fields")?.split(",");
  const fields = asked
    ? asked.map((name) => {
        const field = fieldOf(object, name.trim());
        if (!field)
          throw new Refusal(
            400,
            "INVALID_FIELD",
            `No such column '${name}' on entity '${object.name}'. If you are attempting to use a` +
              " custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
          );
        return field;
      })
    : object.fields;
  const out = {
    attributes: { type: object.name, url: `${base}/sobjects/${object.name}/${record.Id}` }
  };
  for (const field of fields) out[field.name] = toJson(field, record[field.name]);
  if (asked && !out.Id) out.Id = record.Id;
  return out;
}

function one(world, object, id, context) {
  const { method, url, base, request } = context;
  const { records } = world;
  if (method === "GET") {
    const record = records.find(object, id, { deleted: false });
    const body = show(object, record, url, base);
    const etag =
      object.name === "Account"
        ? `"${createHash("sha256").update(JSON.stringify(record)).digest("hex").slice(0, 32)}"`
        : undefined;
    if (etag && request.headers["if-none-match"] === etag)
      return { status: 304, headers: { etag } };
    return unlessNewer(request, record.LastModifiedDate, () => body, etag ? { etag } : {});
  }
  if (method === "PATCH") {
    const unmodified = Date.parse(request.headers["if-unmodified-since"] ?? "");
    if (unmodified < records.find(object, id).LastModifiedDate) {
      throw new Refusal(
        412,
        "PRECONDITION_FAILED",
        "The record was modified since the time in If-Unmodified-Since"
      );
    }
    records.update(object, id, context.body, options(context));
    return { status: 204 };
  }
  if (method !== "DELETE") throw notAllowed(method, "DELETE,GET,HEAD,PATCH");
  records.remove(object, id, options(context));
  return { status: 204 };
}

function byExternalId(world, object, context) {
  const {
    method,
    rest: [, name, value],
    url,
    base
  } = context;
  const { records } = world;
  if (method === "PATCH" && url.searchParams.get("updateOnly") !== "true") {
    try {
      const { record, created } = records.upsert(
        object,
        name,
        value,
        context.body,
        options(context)
      );
      return {
        status: created ? 201 : 200,
        headers: created ? { location: `${base}/sobjects/${object.name}/${record.Id}` } : {},
        body: { id: record.Id, success: true, errors: [], created }
      };
    } catch (error) {
      if (!error.found) throw error;
      return several(object, error.found, base);
    }
  }
  const found = records.byExternalId(object, name, value);
  if (found.length === 0) throw missing();
  if (found.length > 1) return several(object, found, base);
  if (method === "PATCH") {
    const record = records.update(object, found[0].Id, context.body, options(context));
    return { body: { id: record.Id, success: true, errors: [], created: false } };
  }
  return one(world, object, found[0].Id, context);
}

const several = (object, found, base) => ({
  status: 300,
  body: found.map((record) => `${base}/sobjects/${object.name}/${record.Id}`)
});

function changes(world, object, kind, url) {
  const [start, end] = ["start", "end"].map((name) =>
    times.parse(url.searchParams.get(name) ?? "")
  );
  if (Number.isNaN(start) || Number.isNaN(end) || start >= end) {
    throw new Refusal(
      400,
      "INVALID_REPLICATION_DATE",
      "startDate must be before endDate and both must be times"
    );
  }
  const all = [...world.records.table(object).values()].filter(
    (record) =>
      record.SystemModstamp >= start &&
      record.SystemModstamp <= end &&
      record.IsDeleted === (kind === "deleted")
  );
  const latest = times.show(Math.min(end, times.toSecond(world.now())));
  if (kind === "updated")
    return { body: { ids: all.map((record) => record.Id), latestDateCovered: latest } };
  return {
    body: {
      deletedRecords: all.map((record) => ({
        id: record.Id,
        deletedDate: times.show(record.SystemModstamp)
      })),
      earliestDateAvailable: times.show(times.toSecond(world.startedAt)),
      latestDateCovered: latest
    }
  };
}

function unlessNewer(request, changedAt, make, headers = {}) {
  const since = Date.parse(request.headers["if-modified-since"] ?? "");
  const all = { ...headers, "last-modified": new Date(times.toSecond(changedAt)).toUTCString() };
  if (times.toSecond(changedAt) <= since) return { status: 304, headers: all };
  return { headers: all, body: make() };
}
