// Cuts from GitHub's own OpenAPI description what the simulator and the connector use, so that the
// tests need neither its 13 MB nor the 385 MB package around it:
//   node slice-github-openapi.mjs .../@octokit/openapi/generated/api.github.com.json \
//       > data/github-openapi.json
import { readFileSync } from "node:fs";

const operations = {
  "/repos/{owner}/{repo}": ["get"],
  "/repos/{owner}/{repo}/issues": ["get", "post"],
  "/repos/{owner}/{repo}/issues/{issue_number}": ["get", "patch"],
  "/repos/{owner}/{repo}/issues/{issue_number}/comments": ["get", "post"],
  "/repos/{owner}/{repo}/hooks": ["get", "post"],
  "/repos/{owner}/{repo}/hooks/{hook_id}": ["get", "delete"],
  "/repos/{owner}/{repo}/hooks/{hook_id}/deliveries": ["get"],
  "/repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}": ["get"],
  "/repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}/attempts": ["post"],
};
const forPeople = new Set(["example", "examples", "externalDocs", "x-github", "tags", "summary"]);

const source = JSON.parse(readFileSync(process.argv[2], "utf8"));
const slice = { openapi: source.openapi, info: source.info, paths: {}, components: {} };

function copy(value, isMap = false) {
  if (Array.isArray(value)) return value.map((item) => copy(item));
  if (value === null || typeof value !== "object") return value;
  if (typeof value.$ref === "string") include(value.$ref);
  const result = {};
  for (const [key, item] of Object.entries(value)) {
    if (!isMap && (forPeople.has(key) || (key === "description" && typeof item === "string"))) continue;
    result[key] = copy(item, key === "properties" && !isMap);
  }
  return result;
}

function include(reference) {
  const [, , kind, name] = reference.split("/");
  slice.components[kind] ??= {};
  if (name in slice.components[kind]) return;
  slice.components[kind][name] = {};
  slice.components[kind][name] = copy(source.components[kind][name]);
}

for (const [path, methods] of Object.entries(operations)) {
  slice.paths[path] = {};
  for (const method of methods) slice.paths[path][method] = copy(source.paths[path][method]);
}
process.stdout.write(`${JSON.stringify(slice, null, 1)}\n`);
