// Webhook deliveries: signed and sent as GitHub sends them, each once, kept for listing and
// redelivery.
import { createHmac, randomUUID } from "node:crypto";
import { now } from "./shapes.mjs";

const DEADLINE_MS = 10_000;

export class Deliveries {
  #nextId = 20_000_000_001;
  #underWay = new Set();

  // Sends one event to one hook; resolves when it was answered or given up.
  send(hook, repositoryId, event, payload, { guid = randomUUID(), redelivery = false } = {}) {
    const delivery = {
      id: this.#nextId++, guid, delivered_at: now(), redelivery, duration: 0, status: "pending",
      status_code: 0, event, action: payload.action ?? null, installation_id: null,
      repository_id: repositoryId, throttled_at: null, url: hook.url,
      request: { headers: {}, payload }, response: { headers: {}, payload: "" },
    };
    hook.deliveries.unshift(delivery);
    const work = this.#post(hook, delivery).finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
    return work;
  }

  async settle() {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #post(hook, delivery) {
    const json = JSON.stringify(delivery.request.payload);
    const form = hook.contentType === "form";
    const body = form ? new URLSearchParams({ payload: json }).toString() : json;
    const headers = {
      accept: "*/*",
      "content-type": form ? "application/x-www-form-urlencoded" : "application/json",
      "user-agent": "GitHub-Hookshot/5a1c9b2",
      "x-github-delivery": delivery.guid,
      "x-github-event": delivery.event,
      "x-github-hook-id": String(hook.id),
      "x-github-hook-installation-target-id": String(delivery.repository_id),
      "x-github-hook-installation-target-type": "repository",
    };
    if (hook.secret) {
      const sign = (algorithm) => createHmac(algorithm, hook.secret).update(body).digest("hex");
      headers["x-hub-signature"] = `sha1=${sign("sha1")}`;
      headers["x-hub-signature-256"] = `sha256=${sign("sha256")}`;
    }
    delivery.request.headers = headers;
    const started = performance.now();
    try {
      const response = await fetch(hook.url, {
        method: "POST", headers, body, redirect: "manual", signal: AbortSignal.timeout(DEADLINE_MS),
      });
      delivery.response = { headers: Object.fromEntries(response.headers),
                            payload: await response.text() };
      delivery.status_code = response.status;
      delivery.status = response.ok ? "OK" : `Invalid HTTP Response: ${response.status}`;
    } catch (error) {
      const late = error.name === "TimeoutError";
      delivery.status_code = late ? 504 : 502;
      delivery.status = late ? "timed out" : "failed to connect to host";
    }
    delivery.duration = Math.round(performance.now() - started) / 1000;
    hook.lastResponse = { code: delivery.status_code, message: delivery.status,
                          status: delivery.status_code < 300 ? "active" : "misconfigured" };
    return delivery;
  }
}
