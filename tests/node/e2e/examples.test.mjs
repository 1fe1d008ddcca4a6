// Every payload of GitHub's own collection, signed as GitHub signs, and what becomes of each.
import assert from "node:assert/strict";
import { test } from "node:test";
import { webhookExamples } from "../webhook-examples.mjs";
import { SECRET, World } from "./world.mjs";

const WANTED = new Set(["opened", "edited", "closed", "reopened"]);

function ticketOf({ issue, repository }) {
  return {
    externalId: String(issue.id), title: issue.title, description: issue.body ?? "",
    status: issue.state, author: issue.user.login,
    labels: (issue.labels ?? []).map((label) => label.name),
    repository: repository.full_name, number: issue.number, url: issue.html_url,
  };
}

test("each example of an issue becomes its ticket, all others become none", async (t) => {
  const world = await World.start(t);
  const expected = new Map();
  const outcomes = new Map(); // execution -> example
  for await (const example of webhookExamples(SECRET)) {
    const { status, body } = await world.post(example);
    const name = `${example.event} ${example.action ?? ""} ${example.delivery}`;
    assert.equal(status, 202, `${name}: ${JSON.stringify(body)}`);
    assert.ok(!outcomes.has(body.execution), `${name}: execution ${body.execution} again`);
    outcomes.set(body.execution, name);
    if (example.event === "issues" && WANTED.has(example.action)) {
      const ticket = ticketOf(example.payload);
      expected.set(ticket.externalId, ticket);
    }
  }
  assert.ok(outcomes.size > 300 && expected.size > 0, `${outcomes.size}, ${expected.size}`);

  const executions = await world.settled();
  const failed = executions.filter((one) => one.state !== "succeeded");
  assert.deepEqual(failed.map((one) => [outcomes.get(one.id), one.state, one.error]), []);
  assert.deepEqual(new Set(executions.map((one) => one.id)), new Set(outcomes.keys()));

  const tickets = await world.tickets();
  const found = [...tickets.values()].map(({ id, version, createdAt, updatedAt, ...rest }) => rest);
  const byId = (a, b) => (a.externalId < b.externalId ? -1 : 1);
  assert.deepEqual(found.sort(byId), [...expected.values()].sort(byId));
  await world.stopCleanly();
});
