// The public address of a host that comes back on other ports: hands requests on, and answers 502
// while it is down, as a load balancer does.
import { createServer, request } from "node:http";

export class FrontDoor {
  target; // the host's address
  #server;

  static async open(t) {
    const door = new FrontDoor();
    door.#server = createServer((incoming, outgoing) => door.#pass(incoming, outgoing));
    await new Promise((done) => door.#server.listen(0, "127.0.0.1", done));
    t.after(() => { door.#server.closeAllConnections(); door.#server.close(); });
    door.url = `http://127.0.0.1:${door.#server.address().port}`;
    return door;
  }

  #pass(incoming, outgoing) {
    const refuse = () => { if (!outgoing.headersSent) outgoing.writeHead(502); outgoing.end(); };
    if (!this.target) return refuse();
    const onward = request(`${this.target}${incoming.url}`, {
      method: incoming.method, headers: incoming.headers, agent: false,
    }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.on("error", refuse).pipe(outgoing);
    });
    onward.on("error", refuse);
    incoming.pipe(onward);
  }
}
