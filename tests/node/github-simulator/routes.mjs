// Which handler answers which method and path, inside one repository.
import * as hooks from "./hooks.mjs";
import * as issues from "./issues.mjs";
import { repository } from "./shapes.mjs";

const inRepository = [
  ["GET", "", (context) => ({ body: repository(context.repo, context.base) })],
  ["GET", "/issues", issues.list],
  ["POST", "/issues", issues.create],
  ["GET", "/issues/:number", issues.get],
  ["PATCH", "/issues/:number", issues.update],
  ["GET", "/issues/:number/comments", issues.listComments],
  ["POST", "/issues/:number/comments", issues.createComment],
  ["GET", "/hooks", hooks.list],
  ["POST", "/hooks", hooks.create],
  ["GET", "/hooks/:hook", hooks.get],
  ["DELETE", "/hooks/:hook", hooks.remove],
  ["GET", "/hooks/:hook/deliveries", hooks.listDeliveries],
  ["GET", "/hooks/:hook/deliveries/:delivery", hooks.getDelivery],
  ["POST", "/hooks/:hook/deliveries/:delivery/attempts", hooks.redeliver],
].map(([method, path, handler]) => ({
  method, handler, pattern: new RegExp(`^${path.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`) }));

// The handler and its path parameters; null when GitHub has no such address. `rest` is what
// follows the repository in the path.
export function match(method, rest) {
  for (const route of inRepository) {
    const found = route.pattern.exec(rest);
    if (found && route.method === method) return { handler: route.handler, parameters: found.groups ?? {} };
  }
  return null;
}
