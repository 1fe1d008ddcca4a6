// Dropbox' own description of its API (dropbox-contract.json, made by dropbox-contract.py): what is
// sent is checked by it, and what is answered.
import { readFileSync } from "node:fs";

const contract = JSON.parse(readFileSync(new URL("dropbox-contract.json", import.meta.url)));
export const ROUTES = contract.routes;

const TIMES = { "%Y-%m-%dT%H:%M:%SZ": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ };

const first = (flaws) => flaws.find((one) => one !== undefined);
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// What does not fit, or undefined. `sent` is what a client sends: unknown fields are wrong there,
// while an answer may have more than the description knows.
function flaw(kind, value, where, sent) {
  const expected = (what) =>
    `${where}: expected ${what}, got ${JSON.stringify(value)?.slice(0, 200) ?? "nothing"}`;
  if (kind === "void") return value === null || value === undefined ? undefined : expected("null");
  if (kind === "boolean") return typeof value === "boolean" ? undefined : expected("boolean");
  if (kind === "float") return typeof value === "number" ? undefined : expected("number");
  if ("optional" in kind) {
    const absent = value === undefined || value === null;
    return absent ? undefined : flaw(kind.optional, value, where, sent);
  }
  if ("list" in kind) {
    if (!Array.isArray(value)) return expected("list");
    return first(value.map((one, at) => flaw(kind.list, one, `${where}[${at}]`, sent)));
  }
  if ("map" in kind) return isObject(value) ? undefined : expected("object");
  if ("timestamp" in kind) {
    return TIMES[kind.timestamp].test(value)
      ? undefined
      : `${where}: '${value}' did not match format '${kind.timestamp}'`;
  }
  if ("string" in kind) return text(kind.string, value, where) ?? undefined;
  if ("integer" in kind) {
    const { min, max } = kind.integer;
    if (!Number.isInteger(value)) return expected("integer");
    return value >= min && value <= max
      ? undefined
      : `${where}: ${value} is not within range [${min}, ${max}]`;
  }
  const type = contract.types[kind.type];
  return type.kind === "union" ? union(type, value, where, sent) : struct(type, value, where, sent);
}

function text({ pattern, min = 0, max = Infinity }, value, where) {
  if (typeof value !== "string") return `${where}: expected string, got ${JSON.stringify(value)}`;
  if (value.length < min || value.length > max) return `${where}: '${value}' has a wrong length`;
  return pattern === undefined || new RegExp(`^(?:${pattern})$`).test(value)
    ? undefined
    : `${where}: '${value}' did not match pattern '${pattern}'`;
}

function struct(type, value, where, sent) {
  if (!isObject(value)) return `${where}: expected object, got ${JSON.stringify(value)}`;
  if (type.subtypes) {
    const named = type.subtypes[value[".tag"]];
    if (!named) return `${where}: unknown tag ${JSON.stringify(value[".tag"])}`;
    return struct(contract.types[named], value, where, sent);
  }
  const unknown = sent && Object.keys(value).find((name) => !(name in type.fields));
  if (unknown) return `${where}: unknown field '${unknown}'`;
  return first(
    Object.entries(type.fields).map(([name, kind]) =>
      value[name] === undefined && kind.optional === undefined && kind !== "void"
        ? `${where}: missing required field '${name}'`
        : flaw(kind, value[name], `${where}.${name}`, sent)
    )
  );
}

// A struct without tags of its own has its fields beside the union's tag.
const besideTheTag = (kind) => {
  const named = contract.types[(kind.optional ?? kind).type];
  return named?.kind === "struct" && !named.subtypes ? named : undefined;
};

function union(type, value, where, sent) {
  const tag = typeof value === "string" ? value : value?.[".tag"];
  const kind = type.tags[tag];
  if (kind === undefined) return `${where}: unknown tag ${JSON.stringify(tag)}`;
  if (kind === "void") return undefined;
  const beside = besideTheTag(kind);
  if (!beside) return flaw(kind, value[tag], `${where}.${tag}`, sent);
  const { ".tag": _, ...fields } = value;
  if (kind.optional && Object.keys(fields).length === 0) return undefined;
  return struct(beside, fields, where, sent);
}

// With the defaults, and every union as an object.
function filled(kind, value) {
  if (value === undefined || value === null) return kind.default;
  const type = contract.types[(kind.optional ?? kind).type];
  if (type?.kind === "union") return typeof value === "string" ? { ".tag": value } : value;
  if (type?.kind !== "struct" || type.subtypes) return value;
  return Object.fromEntries(
    Object.entries(type.fields)
      .map(([name, field]) => [name, filled(field, value[name])])
      .filter(([, one]) => one !== undefined)
  );
}

// What is wrong with a request's argument, or undefined.
export const argumentFlaw = (route, argument, where) =>
  flaw(ROUTES[route].argument, argument, where, true);

export const withDefaults = (route, argument) => filled(ROUTES[route].argument, argument) ?? null;

// Throws where an answer, or a refusal of the route, is not as described.
export function checkAnswer(route, status, result) {
  const { result: good, error: bad } = ROUTES[route];
  const found = status === 409 ? flaw(bad, result.error, "error") : flaw(good, result, "result");
  if (found)
    throw new Error(`The ${status} of ${route} does not fit Dropbox' description: ${found}`);
}
