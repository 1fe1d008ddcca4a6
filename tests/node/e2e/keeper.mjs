// Stands before a server and can keep its answers back once a client has sent so many bytes: what
// waits for them stays where it is, however seldom a test comes to look. It can also go away and come
// back: connections break off, new ones are hung up on.
import { connect, createServer } from "node:net";

// {port, keepsAfter, keeps, goAway(), comeBack()}; keepsAfter and keeps may be changed at any time.
export async function keeper(t, port) {
  const sockets = new Set();
  let away = false;
  const hangUp = () => { for (const socket of sockets) socket.destroy(); };
  const self = {
    keepsAfter: Infinity, keeps: false,
    goAway() { away = true; hangUp(); },
    comeBack() { away = false; },
  };
  const server = createServer((client) => {
    if (away) return client.destroy();
    let sent = 0;
    const upstream = connect(port, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => { client.destroy(); upstream.destroy(); sockets.delete(socket); });
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
    hangUp();
    server.close();
  });
  return Object.assign(self, { port: server.address().port });
}
