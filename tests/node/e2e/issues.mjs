// Issue events made for tests, in GitHub's shape: one of its own examples with other values.
import { webhookExamples } from "../webhook-examples.mjs";

let template;
for await (const example of webhookExamples("unused")) {
  if (example.event === "issues" && example.action === "opened") template = example.payload;
}

export function issueEvent(action, { number, title = `Issue ${number}`, ...more }) {
  const payload = structuredClone(template);
  payload.action = action;
  Object.assign(payload.issue, { id: 1_000_000 + number, number, title,
                                 state: action === "closed" ? "closed" : "open", ...more });
  return payload;
}
