// Requests byte by byte, for senders that behave badly.
import { connect } from "node:net";

// Writes the chunks, each after its pause, and gives what came back until the connection ended:
// {text, status, seconds}. Never longer than the deadline.
export function converse(url, chunks, deadlineMs = 60_000) {
  const { hostname, port } = new URL(url);
  const started = Date.now();
  return new Promise((done) => {
    let text = "";
    const socket = connect(Number(port), hostname);
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
      done({ text, status, seconds: (Date.now() - started) / 1000 });
    };
    const timer = setTimeout(end, deadlineMs);
    socket.on("data", (data) => { text += data.toString("latin1"); });
    for (const event of ["error", "close"]) socket.on(event, end);
    socket.on("connect", async () => {
      for await (const { pauseMs = 0, bytes } of chunks) {
        if (pauseMs) await new Promise((next) => setTimeout(next, pauseMs));
        if (socket.destroyed) return;
        socket.write(bytes);
      }
    });
  });
}

// A header block as text; the path is the URL's.
export function head(url, lines) {
  const { host, pathname } = new URL(url);
  return [`POST ${pathname} HTTP/1.1`, `Host: ${host}`, ...lines, "", ""].join("\r\n");
}
