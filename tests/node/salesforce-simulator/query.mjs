// Runs a query that soql.mjs has read, and hands its records out page by page.
import { Refusal } from "./answers.mjs";
import { isId, to18 } from "./ids.mjs";
import { fieldOf } from "./schema.mjs";
import { parseQuery } from "./soql.mjs";
import { toJson } from "./values.mjs";

const MAX_OFFSET = 2000;
const NUMBERS = new Set(["double", "currency", "percent", "int"]);
const DAY = 86_400_000;

function caret(query, at, code, detail) {
  return new Refusal(
    400,
    code,
    `\n${query.text}\n${" ".repeat(at)}^\nERROR at Row:1:Column:${at + 1}\n${detail}`
  );
}

// Follows Account.Owner.Name: {field, of(record)}.
function resolve(world, object, name, query, at) {
  const parts = name.split(".");
  let steps = [];
  let here = object;
  if (
    parts[0].toLowerCase() === object.name.toLowerCase() &&
    parts.length > 1 &&
    !here.fields.some((field) => field.relationshipName?.toLowerCase() === parts[0].toLowerCase())
  )
    parts.shift();
  for (const part of parts.slice(0, -1)) {
    const link = here.fields.find(
      (field) => field.relationshipName?.toLowerCase() === part.toLowerCase()
    );
    if (!link) {
      throw caret(
        query,
        at,
        "INVALID_FIELD",
        `Didn't understand relationship '${part}' in field path. If you are attempting to use a` +
          " custom relationship, be sure to append the '__r' after the custom relationship name."
      );
    }
    here = world.schema.find(link.referenceTo[0]);
    steps = [...steps, { link, target: here }];
  }
  const field = fieldOf(here, parts.at(-1));
  if (!field) {
    throw caret(
      query,
      at,
      "INVALID_FIELD",
      `No such column '${parts.at(-1)}' on entity '${here.name}'. If you are attempting to use a` +
        " custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
    );
  }
  const parent = (record) =>
    steps.reduce(
      (one, { link, target }) =>
        one && one[link.name] ? (world.records.table(target).get(one[link.name]) ?? null) : null,
      record
    );
  return { field, steps, parent, of: (record) => parent(record)?.[field.name] ?? null };
}

function period(word, now) {
  const today = Math.floor(now / DAY) * DAY;
  const days = word.startsWith("LAST_N_DAYS:") ? Number(word.split(":")[1]) : 0;
  if (days) return { from: today - days * DAY, to: now + 1 };
  const from = today + (word === "YESTERDAY" ? -DAY : word === "TOMORROW" ? DAY : 0);
  return { from, to: from + DAY };
}

function checkType(query, at, field, literal) {
  const { type } = literal;
  if (type === "null") return;
  const wrong = (needed) =>
    caret(
      query,
      at,
      "INVALID_FIELD",
      `value of filter criterion for field '${field.name}' must be of type ${needed}`
    );
  if (field.type === "datetime") {
    if (type === "string") throw wrong("dateTime and should not be enclosed in quotes");
    if (type !== "datetime" && type !== "period") throw wrong("dateTime");
  } else if (field.type === "date") {
    if (type === "string") throw wrong("date and should not be enclosed in quotes");
    if (type !== "date" && type !== "period") throw wrong("date");
  } else if (NUMBERS.has(field.type)) {
    if (type !== "number") throw wrong(`${field.type} and should not be enclosed in quotes`);
  } else if (field.type === "boolean") {
    if (type !== "boolean") throw wrong("boolean and should not be enclosed in quotes");
  } else if (type !== "string") {
    throw wrong(
      `${field.type === "id" || field.type === "reference" ? "ID" : "string"} and should be enclosed in quotes`
    );
  } else if (
    (field.type === "id" || field.type === "reference") &&
    literal.value !== "" &&
    !isId(literal.value)
  ) {
    throw new Refusal(
      400,
      "INVALID_QUERY_FILTER_OPERATOR",
      `\n${query.text}\n${" ".repeat(at)}^\nERROR at Row:1:Column:${at + 1}\ninvalid ID field: ${literal.value}`
    );
  }
}

// Numbers and times by value; texts without case; ids in their long form.
function comparable(field, value) {
  if (value === null || value === "") return null;
  if (field.type === "id" || field.type === "reference") return to18(String(value));
  return typeof value === "string" ? value.toLowerCase() : value;
}

function like(text, pattern) {
  const source = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("%", ".*")
    .replaceAll("_", ".");
  return text !== null && new RegExp(`^${source}$`, "is").test(String(text));
}

function test(field, operator, actual, literal, now) {
  if (literal.type === "period") {
    const { from, to } = period(literal.value, now);
    const value = field.type === "date" ? Date.parse(actual) : actual;
    if (actual === null) return operator === "!=";
    return {
      "=": value >= from && value < to,
      "!=": value < from || value >= to,
      "<": value < from,
      ">": value >= to,
      "<=": value < to,
      ">=": value >= from
    }[operator];
  }
  const left = comparable(field, actual);
  const right = comparable(field, literal.value);
  if (operator === "=") return left === right;
  if (operator === "!=") return left !== right;
  if (left === null || right === null) return false;
  return { "<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right }[
    operator
  ];
}

function condition(world, object, query, node) {
  if (!node) return () => true;
  if (node.kind === "not") {
    const inside = condition(world, object, query, node.part);
    return (record) => !inside(record);
  }
  if (node.kind !== "compare") {
    const parts = node.parts.map((part) => condition(world, object, query, part));
    return node.kind === "and"
      ? (record) => parts.every((part) => part(record))
      : (record) => parts.some((part) => part(record));
  }
  const { field, of } = resolve(world, object, node.name, query, node.at);
  if (field.type === "textarea") {
    throw caret(
      query,
      node.at,
      "INVALID_FIELD",
      `field '${field.name}' can not be filtered in a query call`
    );
  }
  for (const literal of node.values ?? [node.value]) checkType(query, node.at, field, literal);
  if (node.operator === "LIKE") return (record) => like(of(record), node.value.value);
  if (node.operator.endsWith("IN")) {
    const hit = (record) =>
      node.values.some((literal) => test(field, "=", of(record), literal, world.now()));
    return node.operator === "IN" ? hit : (record) => !hit(record);
  }
  return (record) => test(field, node.operator, of(record), node.value, world.now());
}

function ordering(world, object, query) {
  const keys = query.order.map((one) => ({
    ...one,
    ...resolve(world, object, one.name, query, one.at)
  }));
  return (a, b) => {
    for (const { field, of, down, nullsLast } of keys) {
      const [left, right] = [comparable(field, of(a)), comparable(field, of(b))];
      if (left === right) continue;
      if (left === null || right === null) return (left === null) === nullsLast ? 1 : -1;
      return left < right === down ? 1 : -1;
    }
    return 0;
  };
}

// {object, columns: [{path, field, steps, of}], records} or {count}.
export function run(world, text, { deleted = false } = {}) {
  const query = parseQuery(text);
  const object = world.schema.find(query.from);
  if (!object) {
    throw new Refusal(
      400,
      "INVALID_TYPE",
      `\n${text}\n^\nERROR at Row:1:Column:1\nsObject type '${query.from}' is not supported. If you are` +
        " attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
    );
  }
  if (query.offset > MAX_OFFSET) {
    throw new Refusal(
      400,
      "NUMBER_OUTSIDE_VALID_RANGE",
      `Maximum SOQL offset allowed is ${MAX_OFFSET}`
    );
  }
  const columns =
    query.fields === "count"
      ? []
      : query.fields.flatMap(({ name, every, at }) => {
          if (!every)
            return [{ path: name.split("."), ...resolve(world, object, name, query, at) }];
          if (!(query.limit <= 200 && query.limit !== null) && every !== "STANDARD") {
            throw caret(
              query,
              at,
              "MALFORMED_QUERY",
              "The SOQL FIELDS function must have a LIMIT of at most 200"
            );
          }
          return object.fields
            .filter(
              (field) => every === "ALL" || field.name.endsWith("__c") === (every === "CUSTOM")
            )
            .map((field) => ({
              path: [field.name],
              ...resolve(world, object, field.name, query, at)
            }));
        });
  const matches = condition(world, object, query, query.where);
  const sort = ordering(world, object, query);
  let records = [...world.records.table(object).values()]
    .filter((record) => (deleted || !record.IsDeleted) && matches(record))
    .sort(sort);
  records = records.slice(
    query.offset,
    query.limit === null ? undefined : query.offset + query.limit
  );
  return query.fields === "count" ? { count: records.length } : { object, columns, records };
}

// One record as JSON: parents become objects of their own.
export function shape(base, { object, columns }, record) {
  const out = {
    attributes: { type: object.name, url: `${base}/sobjects/${object.name}/${record.Id}` }
  };
  for (const { field, steps, of, parent } of columns) {
    let into = out;
    for (const [depth, { link, target }] of steps.entries()) {
      const above = depth === steps.length - 1 ? parent(record) : undefined;
      if (depth === steps.length - 1 && above === null) {
        into[link.relationshipName] = null;
        into = null;
        break;
      }
      into = into[link.relationshipName] ??= {
        attributes: {
          type: target.name,
          ...(above ? { url: `${base}/sobjects/${target.name}/${above.Id}` } : {})
        }
      };
    }
    if (into) into[field.name] = toJson(field, of(record));
  }
  return out;
}

export class Pages {
  #open = new Map();
  #last = 0;

  // Answers with the first page; the rest waits behind nextRecordsUrl.
  first(base, found, size) {
    if (found.count !== undefined) return { totalSize: found.count, done: true, records: [] };
    const rows = found.records.map((record) => shape(base, found, record));
    const id = `0r8gK0000${String(++this.#last).padStart(9, "0")}`;
    this.#open.set(id, rows);
    return this.#page(base, id, 0, size);
  }

  more(base, locator, size) {
    const [, id, from] = /^(\w+)-(\d+)$/.exec(locator) ?? [];
    if (!this.#open.has(id))
      throw new Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
    return this.#page(base, id, Number(from), size);
  }

  // Locators end after two days at Salesforce.
  forget() {
    this.#open.clear();
  }

  #page(base, id, from, size) {
    const rows = this.#open.get(id);
    const to = Math.min(from + size, rows.length);
    const page = { totalSize: rows.length, done: to === rows.length };
    if (!page.done) page.nextRecordsUrl = `${base}/query/${id}-${to}`;
    return { ...page, records: rows.slice(from, to) };
  }
}
