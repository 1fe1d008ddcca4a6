// A repository's webhooks and the record of what was delivered to them.
import { Refusal, invalid, notFound } from "./answers.mjs";
import { byCursor, byNumber } from "./paging.mjs";
import * as shapes from "./shapes.mjs";

function find(context) {
  const hook = context.repo.hooks.find((entry) => String(entry.id) === context.parameters.hook);
  if (!hook) throw notFound();
  return hook;
}

function findDelivery(context) {
  const delivery = find(context).deliveries.find(
    (entry) => String(entry.id) === context.parameters.delivery);
  if (!delivery) throw notFound();
  return delivery;
}

const show = (context, state) => shapes.hook(state, context.repo, context.base);
const refused = (message) =>
  new Refusal(422, "Validation Failed", { errors: [{ resource: "Hook", code: "custom", message }] });

export const list = (context) =>
  byNumber(context.repo.hooks.map((hook) => show(context, hook)), context.canonical("hooks"));

export function create(context) {
  const { name = "web", config, events = ["push"], active = true } = context.body;
  if (name !== "web") throw invalid("Hook", "name", "custom", "name must be web");
  if (typeof config?.url !== "string") throw refused("Config must contain URL for webhooks");
  if (!URL.canParse(config.url) || !/^https?:$/.test(new URL(config.url).protocol)) {
    throw invalid("Hook", "url", "custom", "url is not a valid URL");
  }
  if (!Array.isArray(events) || events.some((event) => typeof event !== "string")) {
    throw invalid("Hook", "events", "invalid");
  }
  const contentType = config.content_type ?? "form";
  if (!["json", "form"].includes(contentType)) throw refused("Config content_type must be json or form");
  const same = (hook) => hook.url === config.url && hook.contentType === contentType
    && String([...hook.events].sort()) === String([...events].sort());
  if (context.repo.hooks.some(same)) throw refused(`Hook already exists on this ${context.repo.isOrganization ? "organization" : "repository"}`);
  const hook = {
    id: context.simulator.nextId(), url: config.url, contentType, secret: config.secret ?? null,
    insecureSsl: String(config.insecure_ssl ?? "0"), events, active, createdAt: shapes.now(),
    deliveries: [], lastResponse: { code: null, status: "unused", message: null },
  };
  context.repo.hooks.push(hook);
  const shown = show(context, hook);
  context.simulator.deliveries.send(hook, context.repo.id, "ping", {
    zen: "Keep it logically awesome.", hook_id: hook.id, hook: shown,
    ...(context.repo.isOrganization ? { organization: { login: context.repo.name } }
                                    : { repository: shapes.repository(context.repo, context.base) }),
    sender: context.actor });
  return { status: 201, headers: { location: shown.url }, body: shown };
}

export const get = (context) => ({ body: show(context, find(context)) });

export function update(context) {
  const hook = find(context);
  const { config, events, active } = context.body;
  if (events !== undefined) hook.events = events;
  if (active !== undefined) hook.active = active;
  if (config?.url !== undefined) hook.url = config.url;
  if (config?.secret !== undefined) hook.secret = config.secret;
  if (config?.content_type !== undefined) hook.contentType = config.content_type;
  if (config?.insecure_ssl !== undefined) hook.insecureSsl = String(config.insecure_ssl);
  return { body: show(context, hook) };
}

export function remove(context) {
  const hook = find(context);
  context.repo.hooks.splice(context.repo.hooks.indexOf(hook), 1);
  return { status: 204 };
}

export function listDeliveries(context) {
  const hook = find(context);
  const status = context.url.searchParams.get("status");
  if (status !== null && !["success", "failure"].includes(status)) {
    throw invalid("HookDelivery", "status", "invalid");
  }
  const failed = (entry) => entry.status_code < 200 || entry.status_code > 399;
  const found = hook.deliveries.filter((entry) => status === null || failed(entry) === (status === "failure"));
  return byCursor(found.map(shapes.deliveryItem), context.canonical(`hooks/${hook.id}/deliveries`));
}

export const getDelivery = (context) => ({ body: findDelivery(context) });

export function redeliver(context) {
  const old = findDelivery(context);
  context.simulator.deliveries.send(find(context), context.repo.id, old.event, old.request.payload,
                                    { guid: old.guid, redelivery: true });
  return { status: 202, body: {} };
}
