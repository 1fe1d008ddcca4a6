// What the simulator and the connector use of GitHub's own OpenAPI description: compiling schemas
// out of all its 13 MB would take most of the tests' time.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const operations = {
  "/user": ["get"],
  "/repos/{owner}/{repo}": ["get"],
  "/repos/{owner}/{repo}/issues": ["get", "post"],
  "/repos/{owner}/{repo}/issues/{issue_number}": ["get", "patch"],
  "/repos/{owner}/{repo}/issues/{issue_number}/comments": ["get", "post"],
  "/repos/{owner}/{repo}/hooks": ["get", "post"],
  "/repos/{owner}/{repo}/hooks/{hook_id}": ["get", "patch", "delete"],
  "/repos/{owner}/{repo}/hooks/{hook_id}/deliveries": ["get"],
  "/repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}": ["get"],
  "/repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}/attempts": ["post"],
  "/orgs/{org}/hooks": ["get", "post"],
  "/orgs/{org}/hooks/{hook_id}": ["get", "patch", "delete"],
  "/orgs/{org}/hooks/{hook_id}/deliveries": ["get"],
  "/orgs/{org}/hooks/{hook_id}/deliveries/{delivery_id}/attempts": ["post"],
  "/repos/{owner}/{repo}/pulls": ["get", "post"],
  "/repos/{owner}/{repo}/pulls/{pull_number}": ["get", "patch"],
  "/repos/{owner}/{repo}/pulls/{pull_number}/merge": ["put"],
  "/repos/{owner}/{repo}/pulls/{pull_number}/files": ["get"],
  "/repos/{owner}/{repo}/releases": ["get", "post"],
  "/repos/{owner}/{repo}/releases/latest": ["get"],
  "/repos/{owner}/{repo}/releases/assets/{asset_id}": ["delete"],
  "/repos/{owner}/{repo}/releases/{release_id}": ["get", "patch", "delete"],
  "/repos/{owner}/{repo}/releases/{release_id}/assets": ["get", "post"],
  "/repos/{owner}/{repo}/contents/{path}": ["get", "put"],
  "/repos/{owner}/{repo}/git/blobs/{file_sha}": ["get"],
  "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches": ["post"],
  "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs": ["get"],
  "/repos/{owner}/{repo}/actions/runs": ["get"],
  "/repos/{owner}/{repo}/actions/runs/{run_id}": ["get"],
  "/search/issues": ["get"],
  "/search/repositories": ["get"],
  "/app/installations/{installation_id}/access_tokens": ["post"],
  "/installation/repositories": ["get"],
};
const forPeople = new Set(["example", "examples", "externalDocs", "x-github", "tags", "summary"]);

const file = createRequire(import.meta.url).resolve(
  "@octokit/openapi/generated/api.github.com.json");

// Without what only people read; `keep`: all members of a map of names stay.
function cut(value, include, keep = false) {
  if (Array.isArray(value)) return value.map((item) => cut(item, include));
  if (value === null || typeof value !== "object") return value;
  if (typeof value.$ref === "string") include(value.$ref);
  const result = {};
  for (const [key, item] of Object.entries(value)) {
    if (!keep && (forPeople.has(key) || (key === "description" && typeof item === "string"))) continue;
    result[key] = cut(item, include, key === "properties" && !keep);
  }
  return result;
}

// {openapi, info, paths, components}: the operations above and all they refer to.
export function githubDescription() {
  const source = JSON.parse(readFileSync(file, "utf8"));
  const slice = { openapi: source.openapi, info: source.info, paths: {}, components: {} };
  const include = (reference) => {
    const [, , kind, name] = reference.split("/");
    slice.components[kind] ??= {};
    if (name in slice.components[kind]) return;
    slice.components[kind][name] = {}; // before its content, which may refer to itself
    slice.components[kind][name] = cut(source.components[kind][name], include);
  };
  for (const [path, methods] of Object.entries(operations)) {
    slice.paths[path] = {};
    for (const method of methods) slice.paths[path][method] = cut(source.paths[path][method], include);
  }
  return slice;
}
