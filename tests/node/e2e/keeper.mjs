// Stands before a server and can keep its answers back once a client has sent so many bytes: what
// waits for them stays where it is, however seldom a test comes to look.
import { connect, createServer } from "node:net";

// {port, keepsAfter, keeps}; the latter two may be changed at any time.
export async function keeper(t, port) {
  const sockets = new Set();
  const self = { keepsAfter: Infinity, keeps: false };
  const server = createServer((client) => {
    let sent = 0;
    const upstream = connect(port, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => { client.destroy(); upstream.destroy(); });
    }
    client.on("data", (bytes) => {
      sent += bytes.length;
      if (sent > self.keepsAfter) self.keeps = true;
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => { if (!self.keeps) client.write(bytes); });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return Object.assign(self, { port: server.address().port });
}
