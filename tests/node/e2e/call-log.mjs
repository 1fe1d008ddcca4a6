// A third party of the test's own that notes every call in the order of its arrival, takes its time
// to answer, and refuses some at first.
import { createServer } from "node:http";
import { sleep, waitFor } from "./processes.mjs";

export class CallLog {
  calls = []; // {key, event, place, life, refused}
  life = 0; // of the host that calls
  #server;
  #random;

  // Calls of a place in `flaky` are refused when their key is new.
  static async start(t, random, { flaky, delayMs }) {
    const made = new CallLog();
    made.#random = random;
    made.#server = createServer((request, response) => made.#serve(request, response, flaky, delayMs));
    await new Promise((done) => made.#server.listen(0, "127.0.0.1", done));
    t.after(() => { made.#server.closeAllConnections(); made.#server.close(); });
    made.host = `127.0.0.1:${made.#server.address().port}`;
    made.url = `http://${made.host}`;
    return made;
  }

  async #serve(request, response, flaky, delayMs) {
    let body = "";
    try {
      for await (const part of request) body += part;
    } catch {
      return; // the caller died in the middle
    }
    const { event, place } = JSON.parse(body);
    const key = request.headers["idempotency-key"];
    const refused = flaky.has(place) && !this.calls.some((call) => call.key === key);
    this.calls.push({ key, event, place, life: this.life, refused });
    await sleep(this.#random.between(0, delayMs));
    response.writeHead(refused ? 503 : 200, { "content-type": "application/json" })
      .end(JSON.stringify({ key, event, place }));
  }

  // When everything that the dead host sent has been noted.
  async hostDied() {
    await waitFor("the end of the dead host's connections", () => new Promise((done, failed) =>
      this.#server.getConnections((error, count) => (error ? failed(error) : done(count === 0)))));
    ++this.life;
  }
}
