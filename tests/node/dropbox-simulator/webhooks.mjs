// Webhooks: the challenge when an address is registered, then a signed note of whose files changed.
// Whatever is answered but 200 is a failure, which is tried again for a while.
import { createHmac, randomBytes } from "node:crypto";

export class Webhooks {
  // At Dropbox the repetitions go on for about ten minutes.
  firstRetryMs = 50;
  longestRetryMs = 400;
  attemptsAtMost = 10;
  deadlineMs = 10_000;
  // How long changes are gathered into one notification.
  gatherMs = 5;
  // Each attempt: {url, accounts, status | error}
  attempts = [];
  #urls = [];
  #changed = new Map();
  #timer;
  #paused = false;
  #closed = false;
  #underWay = new Set();

  constructor(secret) {
    this.secret = secret;
  }

  // {status, body, headers} of the challenge; the address counts only if it was echoed.
  async register(url) {
    const challenge = randomBytes(18).toString("base64url");
    const address = new URL(url);
    address.searchParams.set("challenge", challenge);
    const response = await fetch(address, {
      redirect: "manual",
      signal: AbortSignal.timeout(this.deadlineMs),
      headers: { "user-agent": "DropboxWebhooks/1.0" }
    });
    const body = await response.text();
    const echoed = response.status === 200 && body === challenge;
    if (echoed) this.#urls.push(url);
    return { echoed, status: response.status, body, headers: Object.fromEntries(response.headers) };
  }

  remove(url) {
    this.#urls = this.#urls.filter((one) => one !== url);
  }
  pause() {
    this.#paused = true;
  }
  resume() {
    this.#paused = false;
    this.#soon();
  }

  changed(account) {
    if (this.#urls.length === 0) return;
    this.#changed.set(account.id, account);
    this.#soon();
  }

  // Sends what `accounts` names now, as if it had changed; with `tamper` the signature is wrong.
  notify(accounts, options) {
    return Promise.all(this.#urls.map((url) => this.#post(url, accounts, options)));
  }

  // Resolves when nothing is on its way any more.
  async settle() {
    while (this.#timer || this.#underWay.size > 0) await new Promise((done) => setTimeout(done, 5));
  }

  async stop() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await Promise.all(this.#underWay);
  }

  #soon() {
    if (this.#timer || this.#paused || this.#closed || this.#changed.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const accounts = [...this.#changed.values()];
      this.#changed.clear();
      for (const url of this.#urls) this.#track(this.#repeat(url, accounts));
    }, this.gatherMs);
  }

  #track(work) {
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }

  async #repeat(url, accounts) {
    for (let n = 0; n < this.attemptsAtMost && !this.#closed; ++n) {
      if (await this.#post(url, accounts)) return;
      await new Promise((done) =>
        setTimeout(done, Math.min(this.firstRetryMs * 2 ** n, this.longestRetryMs))
      );
    }
  }

  async #post(url, accounts, { tamper = false } = {}) {
    const body = JSON.stringify({
      list_folder: { accounts: accounts.map(({ id }) => id) },
      delta: { users: accounts.map(({ uid }) => uid) }
    });
    const signature = createHmac("sha256", tamper ? "another secret" : this.secret)
      .update(body)
      .digest("hex");
    const attempt = { url, accounts: accounts.map(({ id }) => id) };
    this.attempts.push(attempt);
    try {
      const response = await fetch(url, {
        method: "POST",
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(this.deadlineMs),
        headers: {
          "content-type": "application/json",
          "user-agent": "DropboxWebhooks/1.0",
          "x-dropbox-signature": signature
        }
      });
      await response.arrayBuffer();
      attempt.status = response.status;
    } catch (error) {
      attempt.error = error.name;
    }
    return attempt.status === 200;
  }
}
