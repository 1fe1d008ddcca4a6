// Issues and their comments, and the events that tell of their changes.
import { Refusal, invalid, missing, notFound } from "./answers.mjs";
import { byNumber } from "./paging.mjs";
import * as shapes from "./shapes.mjs";

const STATES = new Set(["open", "closed"]);
const REASONS = new Set(["completed", "not_planned", "duplicate", "reopened", null]);

function requireIssues(context) {
  if (!context.repo.hasIssues) {
    throw new Refusal(410, "Issues has been disabled in this repository.");
  }
}

function find(context) {
  requireIssues(context);
  const wanted = Number(context.parameters.number);
  const found = context.repo.issues.find((issue) => issue.number === wanted);
  if (!found) throw notFound();
  return found;
}

const show = (context, state) => shapes.issue(state, context.repo, context.base);

function titleOf(body) {
  const title = body.title;
  if (typeof title === "number") return String(title);
  if (typeof title !== "string") throw missing("title");
  if (title.trim() === "") throw invalid("Issue", "title", "missing_field");
  if (title.length > 256) throw invalid("Issue", "title", "custom", "title is too long (maximum is 256 characters)");
  return title;
}

function textOf(body, resource) {
  const text = body.body ?? null;
  if (text !== null && typeof text !== "string") throw invalid(resource, "body", "invalid");
  if (text !== null && [...text].length > 65536) {
    throw invalid(resource, "body", "custom", "body is too long (maximum is 65536 characters)");
  }
  return text;
}

function labelNames(labels) {
  if (!Array.isArray(labels)) throw invalid("Issue", "labels", "invalid");
  return labels.map((entry) => (typeof entry === "string" ? entry : entry.name));
}

function users(context, logins) {
  if (!Array.isArray(logins)) throw invalid("Issue", "assignees", "invalid");
  return logins.map((login) => context.simulator.user(login));
}

export function list(context) {
  requireIssues(context);
  const query = context.url.searchParams;
  const state = query.get("state") ?? "open";
  if (!STATES.has(state) && state !== "all") throw invalid("Issue", "state", "invalid");
  const labels = query.get("labels")?.split(",").filter(Boolean) ?? [];
  const since = query.get("since");
  const sort = { updated: "updatedAt", comments: "comments" }[query.get("sort")] ?? "createdAt";
  const key = (issue) => (sort === "comments" ? issue.comments.length : issue[sort]);
  const order = query.get("direction") === "asc" ? 1 : -1;
  const found = context.repo.issues
    .filter((issue) => state === "all" || issue.state === state)
    .filter((issue) => labels.every((name) => issue.labels.includes(name)))
    .filter((issue) => !since || Date.parse(issue.updatedAt) >= Date.parse(since))
    .sort((a, b) => order * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.number - b.number));
  return byNumber(found.map((issue) => show(context, issue)), context.canonical("issues"));
}

export function create(context) {
  requireIssues(context);
  const time = shapes.now();
  const issue = {
    id: context.simulator.nextId(), number: context.repo.issues.length + 1,
    title: titleOf(context.body), body: textOf(context.body, "Issue"), state: "open", stateReason: null,
    labels: labelNames(context.body.labels ?? []), assignees: users(context, context.body.assignees ?? []),
    user: context.actor, comments: [], createdAt: time, updatedAt: time, closedAt: null, closedBy: null,
  };
  context.repo.issues.push(issue);
  announce(context, "opened", issue);
  const shown = show(context, issue);
  return { status: 201, headers: { location: shown.url }, body: shown };
}

export const get = (context) => ({ body: show(context, find(context)) });

export function update(context) {
  const issue = find(context);
  const { body } = context;
  const events = [];
  const changes = {};
  if (body.state !== undefined && !STATES.has(body.state)) throw invalid("Issue", "state", "invalid");
  if (body.state_reason !== undefined && !REASONS.has(body.state_reason)) {
    throw invalid("Issue", "state_reason", "invalid");
  }
  for (const [member, read] of [["title", titleOf], ["body", (b) => textOf(b, "Issue")]]) {
    if (body[member] === undefined) continue;
    const value = read(body);
    if (value !== issue[member]) changes[member] = { from: issue[member] };
    issue[member] = value;
  }
  if (Object.keys(changes).length > 0) events.push(["edited", { changes }]);
  if (body.labels !== undefined) {
    const names = labelNames(body.labels);
    for (const name of names) if (!issue.labels.includes(name)) events.push(["labeled", {}]);
    for (const name of issue.labels) if (!names.includes(name)) events.push(["unlabeled", {}]);
    issue.labels = names;
  }
  if (body.assignees !== undefined) issue.assignees = users(context, body.assignees);
  if (body.state !== undefined && body.state !== issue.state) {
    issue.state = body.state;
    const closed = issue.state === "closed";
    issue.stateReason = body.state_reason ?? (closed ? "completed" : "reopened");
    issue.closedAt = closed ? shapes.now() : null;
    issue.closedBy = closed ? context.actor : null;
    events.push([closed ? "closed" : "reopened", {}]);
  }
  issue.updatedAt = shapes.now();
  for (const [action, more] of events) announce(context, action, issue, more);
  return { body: show(context, issue) };
}

export function listComments(context) {
  const issue = find(context);
  const since = context.url.searchParams.get("since");
  const found = issue.comments
    .filter((comment) => !since || Date.parse(comment.createdAt) >= Date.parse(since))
    .map((comment) => shapes.comment(comment, issue, context.repo, context.base));
  return byNumber(found, context.canonical(`issues/${issue.number}/comments`));
}

export function createComment(context) {
  const issue = find(context);
  if (typeof context.body.body !== "string") throw missing("body");
  const text = textOf(context.body, "IssueComment");
  if (text.trim() === "") throw invalid("IssueComment", "data", "unprocessable", "Body cannot be blank");
  const comment = { id: context.simulator.nextId(), body: text, user: context.actor,
                    createdAt: shapes.now() };
  issue.comments.push(comment);
  issue.updatedAt = comment.createdAt;
  const shown = shapes.comment(comment, issue, context.repo, context.base);
  context.simulator.announce(context.repo, "issue_comment", {
    action: "created", issue: show(context, issue), comment: shown, ...about(context) });
  return { status: 201, headers: { location: shown.url }, body: shown };
}

const about = (context) => ({
  repository: shapes.repository(context.repo, context.base), sender: context.actor });

// Newest first; GitHub keeps other kinds, too.
export const listEvents = (context) => {
  const { body, headers } = byNumber(context.repo.events, context.canonical("events"));
  return { body, headers: { ...headers, "x-poll-interval": "60" } };
};

function announce(context, action, issue, more = {}) {
  const { repo, base, actor } = context;
  repo.events.unshift({
    id: String(context.simulator.nextId()), type: "IssuesEvent", public: true, created_at: shapes.now(),
    actor: { id: actor.id, login: actor.login, display_login: actor.login, gravatar_id: "", url: actor.url,
             avatar_url: actor.avatar_url },
    repo: { id: repo.id, name: `${repo.owner.login}/${repo.name}`, url: `${base}/repos/${repo.owner.login}/${repo.name}` },
    payload: { action, issue: show(context, issue) } });
  repo.events.length = Math.min(repo.events.length, 300);
  context.simulator.announce(context.repo, "issues", {
    action, issue: show(context, issue), ...more, ...about(context) });
}
