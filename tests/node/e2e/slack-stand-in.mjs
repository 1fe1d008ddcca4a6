// As much of Slack as flows/slack-events meets: two methods of its Web API, and events that are signed
// and sent again as it documents. https://docs.slack.dev/apis/events-api
import { createHmac } from "node:crypto";
import { createServer } from "node:http";

export class Slack {
  messages = []; // {team, channel, ts, user, text, thread_ts, metadata}, oldest first
  asked = []; // "TEAM METHOD" of each request
  deliveries = []; // {event_id, retry, status, body}
  pageSize = 15; // messages of a thread at once
  troubles = []; // of the next requests: {method, do: "ratelimited" | "busy" | "lost"}
  #server;
  #secret;
  #tokens;
  #count = 0;

  // tokens: {token: team}; address(): where events go.
  static async start(t, { secret, tokens, address }) {
    const slack = new Slack();
    slack.#secret = secret;
    slack.#tokens = tokens;
    slack.address = address;
    slack.#server = createServer((request, response) => {
      slack.#serve(request, response).catch((error) => { response.writeHead(500); response.end(String(error)); });
    });
    await new Promise((done) => slack.#server.listen(0, "127.0.0.1", done));
    t.after(() => { slack.#server.closeAllConnections(); slack.#server.close(); });
    slack.url = `http://127.0.0.1:${slack.#server.address().port}/api`;
    return slack;
  }

  // A message that nobody is told of; its time stamp.
  write(team, channel, fields) {
    const ts = `1777881600.${String(++this.#count).padStart(6, "0")}`;
    this.messages.push({ team, channel, ts, ...fields });
    return ts;
  }

  // A message as a person or a bot writes it; Slack tells of it. Resolves to its time stamp.
  async say(team, channel, fields) {
    const ts = this.write(team, channel, fields);
    const { metadata, ...shown } = fields;
    await this.tell(team, { type: "message", channel, channel_type: "channel", ts, event_ts: ts, ...shown });
    return ts;
  }

  // An event that is delivered until it is taken, the first repetition at once; Slack waits a minute
  // and five before the others, here `patience` does.
  async tell(team, event) {
    const body = JSON.stringify({
      token: "of old", team_id: team, api_app_id: "A0", type: "event_callback", event,
      event_id: `Ev${++this.#count}`, event_time: 1777881600,
      authorizations: [{ team_id: team, user_id: `U0BOT`, is_bot: true, is_enterprise_install: false }] });
    for (let retry = 0; retry <= 3; ++retry) {
      if (retry > 1) await this.patience?.();
      if ((await this.send(body, { retry, patienceMs: 3000 })).status === 200) return;
    }
  }

  // One request, signed: {status, text, type}; status 0 when no answer came in time.
  async send(body, { retry = 0, reason = "http_error", secret = this.#secret, signed = true, patienceMs = 30_000,
                     at = Math.floor(Date.now() / 1000) } = {}) {
    const signature = createHmac("sha256", secret).update(`v0:${at}:${body}`).digest("hex");
    const answer = { status: 0, text: "" };
    try {
      const response = await fetch(this.address(), {
        method: "POST", body, signal: AbortSignal.timeout(patienceMs),
        headers: { "content-type": "application/json",
                   ...(signed && { "x-slack-signature": `v0=${signature}`, "x-slack-request-timestamp": String(at) }),
                   ...(retry && { "x-slack-retry-num": String(retry), "x-slack-retry-reason": reason }) } });
      Object.assign(answer, { status: response.status, text: await response.text(), type: response.headers.get("content-type") });
    } catch { /* no answer in time */ }
    this.deliveries.push({ event_id: JSON.parse(body).event_id, retry, status: answer.status, body });
    return answer;
  }

  // What was posted into a thread.
  replies(channel, thread) { return this.messages.filter((one) => one.channel === channel && one.thread_ts === thread); }

  async #serve(request, response) {
    let text = "";
    for await (const part of request) text += part;
    const { pathname, searchParams } = new URL(request.url, this.url);
    const method = pathname.replace("/api/", "");
    const answer = (status, body, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
      response.end(JSON.stringify(body));
    };
    const team = this.#tokens[/^Bearer (.*)$/.exec(request.headers.authorization ?? "")?.[1]];
    if (!team) return answer(200, { ok: false, error: "invalid_auth" });
    this.asked.push(`${team} ${method}`);
    const trouble = this.troubles[0]?.method === method ? this.troubles.shift().do : undefined;
    if (trouble === "ratelimited") return answer(200, { ok: false, error: "ratelimited" });
    if (trouble === "busy") return answer(429, { ok: false, error: "ratelimited" }, { "retry-after": "1" });
    if (method === "conversations.replies") return answer(200, this.#thread(team, searchParams));
    if (method !== "chat.postMessage") return answer(200, { ok: false, error: "unknown_method" });
    const { channel, thread_ts, text: said, metadata } = JSON.parse(text);
    const telling = this.say(team, channel, { user: "U0BOT", bot_id: "B0", text: said, thread_ts, metadata });
    const { ts } = this.messages.at(-1);
    if (trouble === "lost") return request.socket.destroy();
    answer(200, { ok: true, channel, ts, message: { text: said } });
    await telling;
  }

  #thread(team, query) {
    const here = this.messages.filter((one) => one.team === team && one.channel === query.get("channel"));
    const asked = here.find(({ ts }) => ts === query.get("ts"));
    if (!asked) return { ok: false, error: "thread_not_found" };
    const root = asked.thread_ts ?? asked.ts;
    const replies = here.filter(({ ts, thread_ts }) => (
      thread_ts === root && ts >= (query.get("oldest") ?? "0") && ts <= (query.get("latest") ?? "9")));
    // The earliest first; each page begins with the message that the thread is about.
    const size = this.pageSize - 1;
    const start = Number((query.get("cursor") ?? "from:0").split(":")[1]);
    const more = start + size < replies.length;
    const found = [here.find(({ ts }) => ts === root), ...replies.slice(start, start + size)];
    const metadata = query.get("include_all_metadata") === "true";
    return { ok: true, has_more: more, ...(more && { response_metadata: { next_cursor: `from:${start + size}` } }),
             messages: found.map(({ team: _, channel, ...one }) => (metadata ? one : { ...one, metadata: undefined })) };
  }
}
