// A server of the test's own: a gate that answers when the test opens it, and a place where
// callbacks arrive.
import { createServer } from "node:http";

export class GateServer {
  callbacks = []; // {headers, body}
  callbackStatuses = []; // of the next callbacks; then 200
  waiting = []; // answers that the gate holds back
  #server;
  #open = false;

  static async start(t) {
    const made = new GateServer();
    made.#server = createServer((request, response) => made.#serve(request, response));
    await new Promise((done) => made.#server.listen(0, "127.0.0.1", done));
    t.after(() => { made.#server.closeAllConnections(); made.#server.close(); });
    made.host = `127.0.0.1:${made.#server.address().port}`;
    made.url = `http://${made.host}`;
    return made;
  }

  async #serve(request, response) {
    let body = "";
    for await (const part of request) body += part;
    if (request.url === "/gate") {
      if (this.#open) return response.setHeader("content-type", "application/json").end('{"opened":true}');
      this.waiting.push(response);
      return;
    }
    if (request.url === "/elsewhere") this.redirected = true;
    this.callbacks.push({ headers: request.headers, body });
    const status = this.callbackStatuses.shift() ?? 200;
    response.writeHead(status, status === 307 ? { location: "/elsewhere" } : {}).end();
  }

  open() {
    this.#open = true;
    for (const response of this.waiting.splice(0)) {
      response.setHeader("content-type", "application/json").end('{"opened":true}');
    }
  }
}
