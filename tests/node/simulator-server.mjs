// What the simulators of third parties share: a loopback server that keeps a record of what came
// in, and faults that a test asks for.
import { createServer } from "node:http";

// Faults, each for the next `times` requests whose "METHOD /path?query" matches `match` and whose
// body matches `asked`:
//   {status, headers, body}   this answer, nothing is done
//   {destroy: true}           the connection is reset, nothing is done
//   {lose: true}              everything is done, then the connection is reset: the answer is lost
//   {cutAfter: N}             everything is done, the connection is reset after N bytes of the body
//   {pieces: N, everyMs: M}   the body comes in N pieces, M milliseconds apart
//   {delayMs: N}              N milliseconds before anything; goes with each of the others
//   {until: PROMISE}          the same, until that is there
class Faults {
  #waiting = [];

  add({ times = 1, match: pattern = /./, asked = /^/, ...fault }) {
    this.#waiting.push({ left: times, pattern, asked, fault });
  }

  take(line, body) {
    const found = this.#waiting.find(
      ({ pattern, asked }) => pattern.test(line) && asked.test(body)
    );
    if (found && --found.left === 0) this.#waiting.splice(this.#waiting.indexOf(found), 1);
    return found?.fault;
  }

  clear() {
    this.#waiting = [];
  }
}

export class SimulatorServer {
  // What came in, oldest first: {method, path, headers, body}; bodies are cut after 1 MiB, those
  // of files after 4 KiB.
  requests = [];
  #faults = new Faults();
  #servers = [];

  failNext(fault) {
    this.#faults.add(fault);
  }
  clearFaults() {
    this.#faults.clear();
  }

  // Gives the new server's address. `handle(request, response, url, body)` may throw what
  // `refuse(response, error)` knows how to answer; `injected(fault)` makes the body of a fault.
  async open(port, { handle, refuse, injected, maxBody = 160 * 1024 * 1024 }) {
    const server = createServer(
      (request, response) =>
        void this.#serve(request, response, { handle, refuse, injected, maxBody })
    );
    // On a busy machine a client may pause for long; Node's 5 s would end connections in its hands.
    server.keepAliveTimeout = 120_000;
    await new Promise((done, fail) => server.once("error", fail).listen(port, "127.0.0.1", done));
    this.#servers.push(server);
    return `http://127.0.0.1:${server.address().port}`;
  }

  async shut() {
    await Promise.all(
      this.#servers.splice(0).map((server) => {
        const closed = new Promise((done) => server.close(done));
        server.closeAllConnections();
        return closed;
      })
    );
  }

  async #serve(request, response, { handle, refuse, injected, maxBody }) {
    try {
      const body = await read(request, maxBody);
      const url = new URL(request.url, "http://simulator");
      const file = request.headers["content-type"]?.startsWith("application/octet-stream");
      const keep = file ? 4096 : 1024 * 1024;
      const text = body.subarray(0, keep).toString("utf8");
      this.requests.push({
        method: request.method,
        path: request.url,
        headers: request.headers,
        body: text
      });
      const fault = this.#faults.take(`${request.method} ${request.url}`, text);
      if (fault?.delayMs) await new Promise((done) => setTimeout(done, fault.delayMs));
      await fault?.until;
      if (fault?.destroy) return void request.socket.resetAndDestroy();
      if (fault?.status) {
        const said = fault.body ?? injected(fault);
        response.writeHead(fault.status, { "content-type": "application/json", ...fault.headers });
        return void response.end(typeof said === "string" ? said : JSON.stringify(said));
      }
      if (fault?.lose) loseAnswer(request, response);
      if (fault?.cutAfter !== undefined || fault?.pieces) spoil(request, response, fault);
      await handle(request, response, url, body);
    } catch (error) {
      if (!request.socket || request.socket.destroyed) return;
      refuse(response, error);
    }
  }
}

function loseAnswer(request, response) {
  response.writeHead = () => response;
  response.write = () => true;
  response.end = () => {
    request.socket.resetAndDestroy();
    return response;
  };
}

// Handlers end with the whole body, so that is the place to spoil it.
function spoil(request, response, { cutAfter, pieces, everyMs = 0 }) {
  const { end } = response;
  response.end = (body = "") => {
    const data = Buffer.from(body);
    if (!response.headersSent) response.setHeader("content-length", data.length);
    if (cutAfter !== undefined) {
      response.write(data.subarray(0, cutAfter), () => request.socket.resetAndDestroy());
      return response;
    }
    const size = Math.max(1, Math.ceil(data.length / pieces));
    const next = (at) => {
      if (at >= data.length || response.destroyed) return void end.call(response);
      response.write(data.subarray(at, at + size));
      setTimeout(next, everyMs, at + size);
    };
    next(0);
    return response;
  };
}

// Too much is read all the same: whoever stops in between ends the connection without an answer.
async function read(request, maxBody) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= maxBody) chunks.push(chunk);
  }
  if (size > maxBody) throw Object.assign(new Error("The body is too large"), { tooLarge: true });
  return Buffer.concat(chunks);
}
