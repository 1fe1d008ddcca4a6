// flows/slack-events, end to end: two workspaces send to one address, the bot answers in threads.
import assert from "node:assert/strict";
import { test } from "node:test";
import { waitFor } from "./processes.mjs";
import { filesOf } from "./salesforce-flows.mjs";
import { Slack } from "./slack-stand-in.mjs";
import { World } from "./world.mjs";

const SECRET = "signing-secret-of-the-test";
const FIRST = "T0FIRST";
const SECOND = "T0SECOND";

async function start(t) {
  const world = new World();
  const slack = await Slack.start(t, {
    secret: SECRET, tokens: { "xoxb-of-the-first": FIRST, "xoxb-of-the-second": SECOND },
    address: () => world.hooks().event });
  await world.start(t, {
    connectors: ["http", "your-app"], apply: filesOf("slack-events"),
    arguments: ["--allow-egress", new URL(slack.url).host],
    env: { SLACK_SIGNING_SECRET: SECRET, SLACK_URL: slack.url,
           SLACK_TOKEN_FIRST: "xoxb-of-the-first", SLACK_TOKEN_SECOND: "xoxb-of-the-second" },
  });
  const replied = (channel, thread) => waitFor("the reply", () => slack.replies(channel, thread).length > 0, 60_000);
  return { world, slack, replied };
}

test("Slack's question, forgeries, and events of two workspaces at one address", async (t) => {
  const { world, slack, replied } = await start(t);
  assert.deepEqual(world.hooksByInstance(), { "*sluice/slack-events": world.hooks() });
  const question = JSON.stringify({ token: "of old", challenge: "3eZbrw1aB", type: "url_verification" });
  const answer = await slack.send(question);
  assert.deepEqual([answer.status, answer.text], [200, "3eZbrw1aB"]);
  assert.match(answer.type, /^text\/plain/);
  const event = JSON.stringify({ type: "event_callback", team_id: FIRST, event_id: "Ev0",
                                 event: { type: "message", channel: "C0HELP", user: "U0EVE", ts: "1.1", text: "forged" } });
  const now = Math.floor(Date.now() / 1000);
  for (const body of [question, event]) {
    assert.equal((await slack.send(body, { signed: false })).status, 401);
    assert.equal((await slack.send(body, { secret: "another" })).status, 401);
    assert.equal((await slack.send(body, { at: now - 3600 })).status, 401, "an old one, played again");
  }
  assert.equal((await slack.send(event.replace(FIRST, "T0NOBODY"))).status, 404);
  assert.deepEqual(await world.executions(), []);

  const inFirst = await slack.say(FIRST, "C0HELP", { user: "U0ADA", client_msg_id: "c-1", text: "It broke &amp; stays\nHelp" });
  const inSecond = await slack.say(SECOND, "C0HELP", { user: "U0BEN", text: "Not here" });
  await replied("C0HELP", inFirst);
  await replied("C0HELP", inSecond);
  const first = (await world.tickets()).get(`slack:${FIRST}/C0HELP/${inFirst}`);
  const second = (await world.tickets()).get(`slack:${SECOND}/C0HELP/${inSecond}`);
  assert.deepEqual([first.title, first.from, second.title], ["It broke & stays", "U0ADA", "Not here"]);
  assert.deepEqual(slack.replies("C0HELP", inFirst).map(({ team, text }) => [team, text]),
                   [[FIRST, `This is ticket ${first.id}.`]]);
  assert.deepEqual(slack.replies("C0HELP", inSecond).map(({ team }) => team), [SECOND], "each with its own token");

  await waitFor("the bots' echoes", () => slack.deliveries.filter(({ status }) => status === 200).length >= 5);
  // Slack sends an event again whose answer it did not get in time.
  const { body } = slack.deliveries.find(({ event_id, status }) => status === 200 && event_id !== undefined);
  const kept = (await world.settled()).length;
  const repeated = await slack.send(body, { retry: 1, reason: "http_timeout" });
  assert.deepEqual([repeated.status, repeated.text], [200, ""]);
  assert.equal((await world.executions()).length, kept);

  // A reaction in another channel; what the bot says there is told to us, too, and makes nothing.
  const chat = await slack.say(FIRST, "C0CHAT", { user: "U0ADA", text: "The door does not close" });
  const reaction = { type: "reaction_added", user: "U0BEN", reaction: "ticket", item: { type: "message", channel: "C0CHAT", ts: chat } };
  await slack.tell(FIRST, reaction);
  await replied("C0CHAT", chat);
  await slack.tell(FIRST, { ...reaction, user: "U0ADA" });
  const [bots] = slack.replies("C0CHAT", chat);
  await slack.tell(FIRST, { ...reaction, item: { ...reaction.item, ts: bots.ts } });
  await slack.tell(FIRST, { ...reaction, item: { ...reaction.item, ts: "1777881599.000001" } }); // of one that is deleted
  await waitFor("all deliveries", () => slack.deliveries.filter(({ status }) => status === 200).length >= 12);
  const all = await world.settled();
  assert.ok(all.every(({ state }) => state === "succeeded"), JSON.stringify(all));
  const tickets = await world.records("tickets");
  assert.deepEqual(tickets.map(({ title }) => title).sort(), ["It broke & stays", "Not here", "The door does not close"]);
  assert.ok(tickets.every(({ version }) => version === 1));
  assert.equal(slack.messages.filter(({ bot_id: bot }) => bot).length, 3);
  await world.stopCleanly();
});

test("too much at once, lost answers, a long thread, a kill: each message is one ticket and has one reply", async (t) => {
  const { world, slack, replied } = await start(t);
  // Slack's two ways to say that there was too much, then a message that is there while its answer is not.
  slack.troubles = [
    { method: "conversations.replies", do: "ratelimited" }, { method: "chat.postMessage", do: "busy" },
    { method: "chat.postMessage", do: "lost" }];
  const one = await slack.say(FIRST, "C0HELP", { user: "U0ADA", text: "One" });
  await waitFor("its end", async () => slack.troubles.length === 0 && (await world.settled()).length >= 2, 60_000);
  assert.equal(slack.replies("C0HELP", one).length, 1);
  assert.deepEqual(slack.asked.filter((line) => line.endsWith("postMessage")).length, 2);

  // An answer is lost in a thread of several pages: the message is on the last of them.
  slack.pageSize = 3;
  const long = slack.write(FIRST, "C0CHAT", { user: "U0ADA", text: "Long" });
  for (let n = 0; n < 5; ++n) slack.write(FIRST, "C0CHAT", { user: "U0BEN", text: "Here, too", thread_ts: long });
  slack.troubles = [{ method: "chat.postMessage", do: "lost" }];
  await slack.tell(FIRST, { type: "reaction_added", user: "U0BEN", reaction: "ticket",
                            item: { type: "message", channel: "C0CHAT", ts: long } });
  await waitFor("its end", async () => slack.troubles.length === 0 && (await world.settled()).length >= 4, 60_000);
  assert.equal(slack.replies("C0CHAT", long).filter(({ bot_id: bot }) => bot).length, 1);

  // The host dies while your app is at work: Slack had its answer long before.
  await world.setFaults({ delayMs: 15_000 });
  const before = (await world.requestCounts()).byRoute["POST /api/tickets"];
  const two = await slack.say(FIRST, "C0HELP", { user: "U0ADA", text: "Two" });
  assert.equal(slack.deliveries.at(-1).status, 200);
  await waitFor("the request", async () => (await world.requestCounts()).byRoute["POST /api/tickets"] > before);
  await world.killHost();
  await world.setFaults({});
  // What comes while the host is down, Slack sends again.
  slack.patience = () => waitFor("the host", () => world.started);
  const three = slack.say(SECOND, "C0HELP", { user: "U0BEN", text: "Three" });
  const triesOfThree = () => slack.deliveries.filter(({ body }) => body.includes('"Three"'));
  await waitFor("two tries in vain", () => triesOfThree().length === 2);
  await world.startHost();
  world.started = true;
  await replied("C0HELP", two);
  await replied("C0HELP", await three);
  assert.deepEqual(triesOfThree().map(({ retry, status }) => [retry, status]).slice(0, 2), [[0, 0], [1, 0]]);
  assert.equal(triesOfThree()[2].retry, 2);

  await waitFor("the echoes", async () => (await world.settled()).length >= 8);
  const all = await world.settled();
  assert.ok(all.every(({ state }) => state === "succeeded"), JSON.stringify(all));
  assert.deepEqual((await world.records("tickets")).map(({ title }) => title).sort(), ["Long", "One", "Three", "Two"]);
  assert.deepEqual(slack.messages.filter(({ bot_id: bot }) => bot).map(({ thread_ts: thread }) => thread).sort(),
                   [one, long, two, await three].sort());
  await world.stopCleanly();
});
