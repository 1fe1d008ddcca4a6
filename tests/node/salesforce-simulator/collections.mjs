// Several records in one request: sObject collections and composite.
import { Refusal, missing } from "./answers.mjs";
import { fieldOf } from "./schema.mjs";
import { toJson } from "./values.mjs";

const MAX_RECORDS = 200;
const MAX_SUBREQUESTS = 25;

const rolledBack = () => ({
  success: false,
  errors: [
    {
      statusCode: "ALL_OR_NONE_OPERATION_ROLLED_BACK",
      message:
        "Record rolled back because not all records were valid and the request was using AllOrNone header",
      fields: []
    }
  ]
});

class Undo extends Error {}

// Saves each; with `allOrNone` one failure undoes all of this request.
function each(records, items, allOrNone, save) {
  if (!Array.isArray(items))
    throw new Refusal(400, "JSON_PARSER_ERROR", "The Records list is required");
  if (items.length > MAX_RECORDS) {
    throw new Refusal(
      400,
      "EXCEEDED_ID_LIMIT",
      `record limit reached. cannot submit more than ${MAX_RECORDS} records in this call`
    );
  }
  let results = [];
  try {
    records.transaction(() => {
      results = items.map((item) => {
        try {
          return allOrNone ? save(item) : records.transaction(() => save(item));
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          return { success: false, errors: [error.inResult] };
        }
      });
      if (allOrNone && results.some((one) => !one.success)) throw new Undo();
    });
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
    results = results.map((one) => (one.success ? rolledBack() : one));
  }
  return results;
}

const ok = (record, more = {}) => ({ id: record.Id, success: true, errors: [], ...more });

function typed(world, record) {
  const object = world.schema.find(record?.attributes?.type);
  if (!object)
    throw new Refusal(
      400,
      "INVALID_TYPE",
      `sObject type '${record?.attributes?.type}' is not supported.`
    );
  return object;
}

function withoutId({ id, Id, ...rest }) {
  return [id ?? Id, rest];
}

export function collection(world, { method, rest, url, body, user, base }) {
  const { records } = world;
  const options = { user: user.id };
  const [type, external] = rest;
  if (rest.length === 0 && method === "POST") {
    return each(records, body.records, body.allOrNone, (one) =>
      ok(records.create(typed(world, one), one, options))
    );
  }
  if (rest.length === 0 && method === "PATCH") {
    return each(records, body.records, body.allOrNone, (one) => {
      const [id, values] = withoutId(one);
      if (!id)
        throw new Refusal(400, "MISSING_ARGUMENT", "Id not specified in an update call", {
          fields: ["Id"]
        });
      return ok(records.update(typed(world, one), id, values, options));
    });
  }
  if (rest.length === 0 && method === "DELETE") {
    return each(
      records,
      (url.searchParams.get("ids") ?? "").split(",").filter(Boolean),
      url.searchParams.get("allOrNone") === "true",
      (id) => {
        const object = world.schema.byPrefix(id);
        if (!object) throw new Refusal(400, "MALFORMED_ID", `malformed id ${id}`);
        return ok(records.remove(object, id, options));
      }
    );
  }
  if (rest.length === 2 && method === "PATCH") {
    const object = records.object(type);
    return each(records, body.records, body.allOrNone, (one) => {
      const { attributes, ...fields } = one;
      const key = Object.keys(fields).find((name) => name.toLowerCase() === external.toLowerCase());
      if (key === undefined || fields[key] === null) {
        if (fieldOf(object, external)?.type === "id")
          return ok(records.create(object, fields, options), { created: true });
        throw new Refusal(400, "MISSING_ARGUMENT", `${external} not specified`);
      }
      const { [key]: value, ...values } = fields;
      const { record, created } = records.upsert(object, external, value, values, options);
      return ok(record, { created });
    });
  }
  if (rest.length === 1 && (method === "POST" || method === "GET")) {
    const object = records.object(type);
    const asked =
      method === "POST"
        ? body
        : {
            ids: url.searchParams.get("ids")?.split(","),
            fields: url.searchParams.get("fields")?.split(",")
          };
    const fields = asked.fields.map((name) => {
      const field = fieldOf(object, name);
      if (!field)
        throw new Refusal(
          400,
          "INVALID_FIELD",
          `No such column '${name}' on entity '${object.name}'.`
        );
      return field;
    });
    return asked.ids.map((id) => {
      const record = records.table(object).get(id.length === 15 ? world.to18(id) : id);
      if (!record || record.IsDeleted) return null;
      return Object.fromEntries([
        ["attributes", { type: object.name, url: `${base}/sobjects/${object.name}/${record.Id}` }],
        ...fields.map((field) => [field.name, toJson(field, record[field.name])])
      ]);
    });
  }
  throw missing();
}

// Puts what earlier answers gave for @{reference.path}.
function substitute(value, answers) {
  if (Array.isArray(value)) return value.map((one) => substitute(one, answers));
  if (value && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, substitute(one, answers)])
    );
  }
  if (typeof value !== "string") return value;
  return value.replace(/@\{([^}]+)\}/g, (_, path) => {
    const [reference, ...steps] = path.replace(/\[(\d+)\]/g, ".$1").split(".");
    const found = steps.reduce((at, step) => at?.[step], answers.get(reference));
    if (found === undefined || found === null)
      throw new Refusal(
        400,
        "PROCESSING_HALTED",
        `Invalid reference specified. No value for ${path} found in ${reference}.`
      );
    return String(found);
  });
}

const hasFailures = (body) =>
  Array.isArray(body) && body.some((one) => one !== null && one.success === false);

// `call(method, path, body)` runs one request inside and gives {status, headers, body}.
export function composite(world, body, call) {
  const requests = body.compositeRequest;
  if (!Array.isArray(requests))
    throw new Refusal(400, "JSON_PARSER_ERROR", "The compositeRequest list is required");
  if (requests.length > MAX_SUBREQUESTS) {
    throw new Refusal(
      400,
      "LIMIT_EXCEEDED",
      `The limit of ${MAX_SUBREQUESTS} subrequests in a composite request was exceeded.`
    );
  }
  const seen = new Set();
  for (const { referenceId } of requests) {
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(referenceId ?? "") || seen.has(referenceId)) {
      throw new Refusal(
        400,
        "INVALID_API_INPUT",
        `The referenceId ${referenceId} is missing, malformed or not unique`
      );
    }
    seen.add(referenceId);
  }
  const answers = new Map();
  const results = [];
  const one = ({ method, url, referenceId, body: inner }) => {
    let answer;
    try {
      const content = substitute(inner, answers);
      // All or none of the whole request goes for collections inside it, too.
      if (body.allOrNone && Array.isArray(content?.records)) content.allOrNone = true;
      answer = call(method, substitute(url, answers), content);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answer = {
        status: error.status,
        headers: {},
        body: error.found?.map((record) => record.Id) ?? error.body
      };
    }
    if ((answer.status ?? 200) < 300) answers.set(referenceId, answer.body ?? null);
    results.push({
      body: answer.body ?? null,
      httpHeaders: answer.location ? { Location: answer.location } : {},
      httpStatusCode: answer.status ?? 200,
      referenceId
    });
    const failed = (answer.status ?? 200) >= 300 || hasFailures(answer.body);
    if (body.allOrNone && failed) throw new Undo();
  };
  try {
    world.records.transaction(() => requests.forEach(one));
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
    const halted = (reason) => ({
      body: [{ errorCode: "PROCESSING_HALTED", message: reason }],
      httpHeaders: {},
      httpStatusCode: 400
    });
    const failed = results.length - 1;
    return {
      compositeResponse: requests.map(({ referenceId }, at) =>
        at === failed
          ? results[at]
          : {
              ...halted(
                "The transaction was rolled back since another operation in the same transaction failed."
              ),
              referenceId
            }
      )
    };
  }
  return { compositeResponse: results };
}
