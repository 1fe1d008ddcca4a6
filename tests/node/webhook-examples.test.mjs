import { verify } from "@octokit/webhooks-methods";
import assert from "node:assert/strict";
import { test } from "node:test";
import { signedRequest, webhookExamples } from "./webhook-examples.mjs";

test("every example is signed, and no two share a delivery id", async () => {
  const deliveries = new Set();
  const events = new Set();
  for await (const example of webhookExamples("s3cret")) {
    assert.ok(await verify("s3cret", example.body, example.headers["x-hub-signature-256"]));
    deliveries.add(example.delivery);
    events.add(example.event);
  }
  assert.ok(deliveries.size > 300, `${deliveries.size} examples`);
  assert.ok(events.size > 50, `${events.size} events`);
});

test("GitHub's published signature comes out", async () => {
  const { headers } = await signedRequest({
    event: "ping", delivery: "1", payload: "Hello, World!", secret: "It's a Secret to Everybody" });
  assert.equal(headers["x-hub-signature-256"],
    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
});
