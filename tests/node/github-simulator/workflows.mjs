// Workflows that can be started by hand, and their runs, which succeed at once.
import { Refusal, missing, notFound } from "./answers.mjs";
import { byNumber } from "./paging.mjs";
import * as shapes from "./shapes.mjs";

const FILE = "build.yml";
const ID = 17;
const isOurs = (name) => name === FILE || name === String(ID);

function show(context, run) {
  const { base, repo } = context;
  const name = `${repo.owner.login}/${repo.name}`;
  const url = `${base}/repos/${name}/actions/runs/${run.id}`;
  const short = shapes.repository(repo, base);
  const person = { name: "Octo Cat", email: "octocat@github.com" };
  return {
    id: run.id, name: "build", node_id: `WR_${run.id}`, head_branch: run.ref, head_sha: run.sha, path: `.github/workflows/${FILE}`,
    display_title: "build", run_number: run.number, event: "workflow_dispatch", status: "completed", conclusion: "success",
    workflow_id: ID, check_suite_id: 1, check_suite_node_id: "CS_1", url, html_url: `https://github.com/${name}/actions/runs/${run.id}`,
    pull_requests: [], created_at: run.createdAt, updated_at: run.createdAt, actor: run.actor, run_attempt: 1,
    run_started_at: run.createdAt, triggering_actor: run.actor, jobs_url: `${url}/jobs`, logs_url: `${url}/logs`,
    check_suite_url: `${base}/repos/${name}/check-suites/1`, artifacts_url: `${url}/artifacts`, cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`, previous_attempt_url: null, workflow_url: `${base}/repos/${name}/actions/workflows/${ID}`,
    head_commit: { id: run.sha, tree_id: run.sha, message: "m", timestamp: run.createdAt, author: person, committer: person },
    repository: short, head_repository: short,
  };
}

export function dispatch(context) {
  if (!isOurs(context.parameters.workflow)) throw notFound();
  const { ref } = context.body;
  if (typeof ref !== "string") throw missing("ref");
  if (!context.repo.branches.has(ref)) throw new Refusal(422, `No ref found for: ${ref}`);
  context.repo.runs.unshift({ id: context.simulator.nextId(), number: context.repo.runs.length + 1, ref,
                              sha: context.repo.branches.get(ref).sha, actor: context.actor,
                              createdAt: shapes.now(), inputs: context.body.inputs ?? {} });
  return { status: 204 };
}

function page(context, tail) {
  const status = context.url.searchParams.get("status");
  const found = context.repo.runs.filter(() => !status || ["completed", "success"].includes(status));
  const { body, ...more } = byNumber(found.map((run) => show(context, run)), context.canonical(tail));
  return { body: { total_count: found.length, workflow_runs: body }, ...more };
}

export const listAll = (context) => page(context, "actions/runs");

export function list(context) {
  if (!isOurs(context.parameters.workflow)) throw notFound();
  return page(context, `actions/workflows/${context.parameters.workflow}/runs`);
}

export function get(context) {
  const run = context.repo.runs.find(({ id }) => String(id) === context.parameters.run);
  if (!run) throw notFound();
  return { body: show(context, run) };
}
