// Which handler answers which method and path, inside one repository.
import * as contents from "./contents.mjs";
import * as hooks from "./hooks.mjs";
import * as issues from "./issues.mjs";
import * as pulls from "./pull-requests.mjs";
import * as releases from "./releases.mjs";
import { repository } from "./shapes.mjs";
import * as workflows from "./workflows.mjs";

const ofHooks = [
  ["GET", "/hooks", hooks.list],
  ["POST", "/hooks", hooks.create],
  ["GET", "/hooks/:hook", hooks.get],
  ["PATCH", "/hooks/:hook", hooks.update],
  ["DELETE", "/hooks/:hook", hooks.remove],
  ["GET", "/hooks/:hook/deliveries", hooks.listDeliveries],
  ["GET", "/hooks/:hook/deliveries/:delivery", hooks.getDelivery],
  ["POST", "/hooks/:hook/deliveries/:delivery/attempts", hooks.redeliver],
];

const inRepository = [
  ["GET", "", (context) => ({ body: repository(context.repo, context.base) })],
  ["GET", "/issues", issues.list],
  ["POST", "/issues", issues.create],
  ["GET", "/issues/:number", issues.get],
  ["PATCH", "/issues/:number", issues.update],
  ["GET", "/issues/:number/comments", issues.listComments],
  ["POST", "/issues/:number/comments", issues.createComment],
  ["GET", "/events", issues.listEvents],
  ["GET", "/pulls", pulls.list],
  ["POST", "/pulls", pulls.create],
  ["GET", "/pulls/:number", pulls.get],
  ["PATCH", "/pulls/:number", pulls.update],
  ["PUT", "/pulls/:number/merge", pulls.merge],
  ["GET", "/pulls/:number/files", pulls.listFiles],
  ["GET", "/releases", releases.list],
  ["POST", "/releases", releases.create],
  ["GET", "/releases/latest", releases.latest],
  ["DELETE", "/releases/assets/:asset", releases.removeAsset],
  ["GET", "/releases/:release", releases.get],
  ["PATCH", "/releases/:release", releases.update],
  ["DELETE", "/releases/:release", releases.remove],
  ["GET", "/releases/:release/assets", releases.listAssets],
  ["GET", "/contents(?:/(?<path>.+))?", contents.get],
  ["PUT", "/contents/(?<path>.+)", contents.put],
  ["GET", "/git/blobs/:sha", contents.getBlob],
  ["POST", "/actions/workflows/:workflow/dispatches", workflows.dispatch],
  ["GET", "/actions/workflows/:workflow/runs", workflows.list],
  ["GET", "/actions/runs", workflows.listAll],
  ["GET", "/actions/runs/:run", workflows.get],
  ...ofHooks,
];

// At the host for uploads.
const uploads = [["POST", "/releases/:release/assets", releases.upload]];

const compile = (routes) => routes.map(([method, path, handler]) => ({
  method, handler, pattern: new RegExp(`^${path.replace(/(?<!\?):(\w+)/g, "(?<$1>[^/]+)")}$`) }));
const tables = { repository: compile(inRepository), uploads: compile(uploads), organization: compile(ofHooks) };

// The handler and its path parameters; null when GitHub has no such address. `rest` is what
// follows the repository in the path; `where` is repository, uploads or organization.
export function match(method, rest, where = "repository") {
  for (const route of tables[where]) {
    const found = route.pattern.exec(rest);
    if (found && route.method === method) return { handler: route.handler, parameters: found.groups ?? {} };
  }
  return null;
}
