// Pull requests between two branches: opened, changed, merged.
import { Refusal, missing, notFound } from "./answers.mjs";
import { commit, fileId } from "./branches.mjs";
import { byNumber } from "./paging.mjs";
import * as shapes from "./shapes.mjs";

function find(context) {
  const pull = context.repo.pulls.find(({ number }) => String(number) === context.parameters.number);
  if (!pull) throw notFound();
  return pull;
}

function show(context, pull, whole) {
  const { base, repo } = context;
  const name = `${repo.owner.login}/${repo.name}`;
  const url = `${base}/repos/${name}/pulls/${pull.number}`;
  const html = `https://github.com/${name}/pull/${pull.number}`;
  const issue = `${base}/repos/${name}/issues/${pull.number}`;
  const side = (ref) => ({ label: `${repo.owner.login}:${ref}`, ref, sha: pull.mergedHead && ref === pull.head
    ? pull.mergedHead : repo.branches.get(ref).sha, user: repo.owner, repo: shapes.repository(repo, base) });
  const link = (href) => ({ href });
  return {
    url, id: pull.id, node_id: `PR_${pull.id}`, html_url: html, diff_url: `${html}.diff`, patch_url: `${html}.patch`,
    issue_url: issue, commits_url: `${url}/commits`, review_comments_url: `${url}/comments`,
    review_comment_url: `${base}/repos/${name}/pulls/comments{/number}`, comments_url: `${issue}/comments`,
    statuses_url: `${base}/repos/${name}/statuses/${repo.branches.get(pull.head).sha}`, number: pull.number,
    state: pull.state, locked: false, title: pull.title, user: pull.user, body: pull.body, labels: [], milestone: null,
    created_at: pull.createdAt, updated_at: pull.updatedAt, closed_at: pull.closedAt, merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommit, assignee: null, assignees: [], requested_reviewers: [], requested_teams: [],
    head: side(pull.head), base: side(pull.base), author_association: "OWNER", auto_merge: null, draft: pull.draft,
    _links: { self: link(url), html: link(html), issue: link(issue), comments: link(`${issue}/comments`),
              review_comments: link(`${url}/comments`), review_comment: link(`${url}/comments{/number}`),
              commits: link(`${url}/commits`), statuses: link(`${url}/statuses`) },
    ...(whole ? { merged: pull.mergedAt !== null, mergeable: pull.state === "open", rebaseable: true,
                  mergeable_state: "clean", merged_by: pull.mergedAt ? pull.user : null, comments: 0,
                  review_comments: 0, maintainer_can_modify: false, commits: 1, additions: 1, deletions: 0,
                  changed_files: changes(context.repo, pull).length } : {}),
  };
}

// Paths and bytes that the head has and the base has not.
function changes(repo, pull) {
  const base = repo.branches.get(pull.base).files;
  return [...repo.branches.get(pull.head).files].filter(([path, bytes]) => !base.get(path)?.equals(bytes));
}

export function list(context) {
  const query = context.url.searchParams;
  const state = query.get("state") ?? "open";
  const head = query.get("head")?.split(":").at(-1);
  const found = context.repo.pulls
    .filter((pull) => state === "all" || pull.state === state)
    .filter((pull) => !head || pull.head === head)
    .filter((pull) => !query.get("base") || pull.base === query.get("base"));
  return byNumber(found.map((pull) => show(context, pull, false)).reverse(), context.canonical("pulls"));
}

export function create(context) {
  const { title, head, base, body = null, draft = false } = context.body;
  for (const name of ["title", "head", "base"]) if (typeof context.body[name] !== "string") throw missing(name);
  const from = head.split(":").at(-1);
  const refused = (message) => new Refusal(422, "Validation Failed", {
    errors: [{ resource: "PullRequest", code: "custom", message }] });
  for (const name of [from, base]) if (!context.repo.branches.has(name)) throw refused(`${name} is invalid`);
  if (context.repo.pulls.some((pull) => pull.state === "open" && pull.head === from && pull.base === base)) {
    throw refused(`A pull request already exists for ${context.repo.owner.login}:${from}.`);
  }
  const time = shapes.now();
  const pull = { id: context.simulator.nextId(), number: context.repo.issues.length + context.repo.pulls.length + 1,
                 title, head: from, base, body, draft, state: "open", user: context.actor, createdAt: time,
                 updatedAt: time, closedAt: null, mergedAt: null, mergeCommit: null, mergedHead: null };
  context.repo.pulls.push(pull);
  return { status: 201, body: show(context, pull, true) };
}

export const get = (context) => ({ body: show(context, find(context), true) });

export function update(context) {
  const pull = find(context);
  for (const key of ["title", "body", "base"]) if (context.body[key] !== undefined) pull[key] = context.body[key];
  if (context.body.state !== undefined) {
    pull.state = context.body.state;
    pull.closedAt = pull.state === "closed" ? shapes.now() : null;
  }
  pull.updatedAt = shapes.now();
  return { body: show(context, pull, true) };
}

export function merge(context) {
  const pull = find(context);
  const { repo } = context;
  const head = repo.branches.get(pull.head);
  if (pull.state !== "open") throw new Refusal(405, "Pull Request is not mergeable");
  if (context.body.sha !== undefined && context.body.sha !== head.sha) {
    throw new Refusal(409, "Head branch was modified. Review and try the merge again.");
  }
  const base = repo.branches.get(pull.base);
  for (const [path, bytes] of changes(repo, pull)) base.files.set(path, bytes);
  pull.mergedHead = head.sha;
  pull.mergeCommit = commit(base, context.body.commit_title ?? `Merge #${pull.number}`);
  pull.state = "closed";
  pull.mergedAt = pull.closedAt = shapes.now();
  return { body: { sha: pull.mergeCommit, merged: true, message: "Pull Request successfully merged" } };
}

export function listFiles(context) {
  const { repo, base } = context;
  const name = `${repo.owner.login}/${repo.name}`;
  const found = changes(repo, find(context)).map(([path, bytes]) => ({
    sha: fileId(bytes), filename: path, status: repo.branches.get("main").files.has(path) ? "modified" : "added",
    additions: 1, deletions: 0, changes: 1, blob_url: `https://github.com/${name}/blob/x/${encodeURI(path)}`,
    raw_url: `https://github.com/${name}/raw/x/${encodeURI(path)}`,
    contents_url: `${base}/repos/${name}/contents/${encodeURI(path)}` }));
  return byNumber(found, context.canonical(`pulls/${context.parameters.number}/files`));
}
