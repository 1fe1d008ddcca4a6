// Judges requests and answers by GitHub's own OpenAPI description.
import Ajv from "ajv";
import { githubDescription } from "./github-openapi.mjs";

const description = githubDescription();

// OpenAPI 3.0's `nullable` said in JSON Schema. Without it ajv would refuse `nullable` beside oneOf.
function translate(value) {
  if (Array.isArray(value)) return value.map(translate);
  if (value === null || typeof value !== "object") return value;
  if (value.$ref) return { $ref: `github${value.$ref}` };
  const { nullable, ...rest } = value;
  const schema = Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, translate(item)]));
  if (nullable !== true) return schema;
  if (schema.enum) return { anyOf: [{ type: "null" }, schema] };
  return { anyOf: [{ type: "null" }, schema] };
}

const schemas = Object.fromEntries(Object.entries(description.components.schemas)
  .map(([name, schema]) => [name, translate(schema)]));
const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addFormat("uri", (text) => URL.canParse(text.replace(/[{}]/g, "")));
ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
ajv.addFormat("email", /@/);
ajv.addFormat("repo.nwo", /^[^/]+\/[^/]+$/);
for (const kind of ["int64", "int32", "float", "double"]) ajv.addFormat(kind, true);
ajv.addSchema({ $id: "github", components: { schemas } });

const compiled = new Map();
function check(key, schema, value, what) {
  if (!compiled.has(key)) compiled.set(key, ajv.compile(translate(schema)));
  const validate = compiled.get(key);
  if (!validate(value)) throw new Error(`${what}: ${ajv.errorsText(validate.errors.slice(0, 5))}`);
}

const templates = Object.keys(description.paths).map((template) => ({
  template, pattern: new RegExp(`^${template.replace(/{\w+}/g, "[^/]+")}$`) }));

// `path` as sent, with or without a query; /repositories/ID is the canonical form of /repos/O/R.
export function operationOf(method, path) {
  const plain = path.split("?")[0].replace(/^\/repositories\/\d+/, "/repos/o/r");
  const found = templates.find(({ pattern }) => pattern.test(plain));
  const operation = found && description.paths[found.template][method.toLowerCase()];
  if (!operation) throw new Error(`${method} ${path}: GitHub has no such operation in the slice`);
  return operation;
}

const inline = (item, kind) =>
  (item.$ref ? description.components[kind][item.$ref.split("/").at(-1)] : item);

// Throws when GitHub would never answer like this.
export function checkAnswer(method, path, status, body) {
  const operation = operationOf(method, path);
  const what = `${operation.operationId} ${status}`;
  const response = operation.responses[status] && inline(operation.responses[status], "responses");
  if (!response) throw new Error(`${what}: not an answer of this operation`);
  const schema = response.content?.["application/json"]?.schema;
  if (schema) check(`${what} answer`, schema, body, what);
}

// Throws when GitHub would not take this request: unknown or malformed query, malformed body.
export function checkRequest(method, path, body) {
  const operation = operationOf(method, path);
  const query = new URLSearchParams(path.split("?")[1] ?? "");
  const known = (operation.parameters ?? []).map((item) => inline(item, "parameters"))
    .filter((item) => item.in === "query");
  for (const [name, text] of query) {
    const parameter = known.find((item) => item.name === name);
    if (!parameter) throw new Error(`${operation.operationId}: unknown query parameter ${name}`);
    const value = parameter.schema.type === "integer" ? Number(text) : text;
    check(`${operation.operationId} ?${name}`, parameter.schema, value, `${operation.operationId} ?${name}`);
  }
  const schema = operation.requestBody?.content["application/json"].schema;
  if (schema && (body !== undefined || operation.requestBody.required)) check(`${operation.operationId} body`, schema, body, `${operation.operationId} body`);
}
