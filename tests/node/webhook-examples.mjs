// Every payload of GitHub's own collection of webhook examples, as the signed request that GitHub
// would send.
import { sign } from "@octokit/webhooks-methods";
import { createRequire } from "node:module";
import { createHash, createHmac } from "node:crypto";

const collection = createRequire(import.meta.url)("@octokit/webhooks-examples/api.github.com/index.json");

// A delivery id that is the same in every run for the same example.
function deliveryId(event, index) {
  const hex = createHash("sha256").update(`${event} ${index}`).digest("hex");
  return [8, 4, 4, 4, 12].map((size, i) => hex.slice(4 * i, 4 * i + size)).join("-");
}

// GitHub's library refuses to sign an empty body, which a test sends all the same.
const signatureOfNothing = (secret) => `sha256=${createHmac("sha256", secret).digest("hex")}`;

// Signs any payload: {headers, body}, the body exactly as to be sent.
export async function signedRequest({ event, payload, secret, delivery }) {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  return {
    body,
    headers: {
      accept: "*/*",
      "content-type": "application/json",
      "user-agent": "GitHub-Hookshot/5a1c9b2",
      "x-github-delivery": delivery,
      "x-github-event": event,
      "x-hub-signature-256": body === "" ? signatureOfNothing(secret) : await sign(secret, body),
    },
  };
}

// {event, action, payload, delivery, headers, body} for each example, in the collection's order.
export async function* webhookExamples(secret) {
  for (const { name: event, examples } of collection) {
    for (const [index, payload] of examples.entries()) {
      const delivery = deliveryId(event, index);
      yield { event, action: payload.action, payload, delivery,
              ...(await signedRequest({ event, payload, secret, delivery })) };
    }
  }
}
