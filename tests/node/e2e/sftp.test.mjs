// Files from and to a real OpenSSH server, while the host and the server's processes are killed.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Sshd } from "../sshd.mjs";
import { keeper } from "./keeper.mjs";
import { sleep, waitFor } from "./processes.mjs";
import { seeded } from "./random.mjs";
import { World } from "./world.mjs";

const fixture = (name) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const BLOCK = randomBytes(1 << 20);
const MIB = 64;

async function start(t) {
  const server = await Sshd.start(t, { folders: ["in", "out"] });
  const between = await keeper(t, server.port);
  const world = await World.start(t, {
    connectors: ["sftp"], apply: [fixture("sftp.yaml"), fixture("sftp-instance.yaml")],
    // Of what sanitizers keep of freed memory, so that the peak says something about the host.
    env: { ...server.env(), SFTP_PORT: String(between.port), ASAN_OPTIONS: "quarantine_size_mb=1" },
  });
  return { server, between, world };
}

const names = (server, folder) => {
  try {
    return readdirSync(server.path(folder)).sort();
  } catch {
    return []; // nobody has made it yet
  }
};

// As a whole, from one moment to the other.
function drop(server, name, bytes) {
  const hidden = server.path(`in/.${name}`);
  writeFileSync(hidden, bytes, { mode: 0o666 });
  renameSync(hidden, server.path(`in/${name}`));
}

test("each file is taken once, over kills of the host and of the server", async (t) => {
  const random = seeded();
  t.diagnostic(`seed ${random.seed}`);
  const { server, world } = await start(t);
  const contents = new Map();
  for (let i = 0; i < 24; ++i) {
    const name = `${i % 4 === 3 ? "bad" : "good"}-${i}.csv`;
    contents.set(name, randomBytes(1000 + 40_000 * (i % 3)));
    drop(server, name, contents.get(name));
  }
  const settled = () => names(server, "in/done").length +
    names(server, "in/failed").filter((name) => name.endsWith(".csv")).length;
  for (let kill = 0; kill < 3; ++kill) {
    const before = settled();
    await waitFor("some are done", () => settled() > before || settled() === contents.size);
    await sleep(random.between(0, 200));
    if (kill === 1) {
      server.killSessions();
    } else {
      await world.killHost();
      await world.startHost();
    }
  }
  await waitFor("all are done", () => settled() >= contents.size, 120_000);
  const imports = (await world.settled()).filter(({ flow }) => flow === "import");
  assert.equal(imports.length, contents.size);
  assert.deepEqual(imports.filter(({ state }) => state !== "succeeded"), []);
  const good = [...contents.keys()].filter((name) => name.startsWith("good")).sort();
  const bad = [...contents.keys()].filter((name) => name.startsWith("bad")).sort();
  assert.deepEqual(names(server, "in/done"), good);
  assert.deepEqual(names(server, "in/failed"), bad.flatMap((name) => [name, `${name}.error.txt`]).sort());
  assert.deepEqual(names(server, "in"), ["done", "failed", "processing"]);
  assert.deepEqual(names(server, "in/processing"), []);
  assert.deepEqual(names(server, "out"), good);
  for (const name of good) {
    assert.ok(readFileSync(server.path(`out/${name}`)).equals(contents.get(name)), name);
    assert.ok(readFileSync(server.path(`in/done/${name}`)).equals(contents.get(name)), name);
  }
  for (const name of bad) assert.match(readFileSync(server.path(`in/failed/${name}.error.txt`), "utf8"), /none/);
  await world.stopCleanly();
});

test(`${MIB} MiB go both ways in a few MiB of memory, and on where the host was killed`, async (t) => {
  const { server, between, world } = await start(t);
  const peakMib = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${world.hostPid}/status`, "utf8"))[1]) / 1024;
  drop(server, "small.csv", BLOCK); // what is set up once
  await waitFor("the small one", () => names(server, "in/done").includes("small.csv"));
  writeFileSync(`/proc/${world.hostPid}/clear_refs`, "5"); // the peak begins anew (proc(5))
  const before = peakMib();
  const big = Buffer.concat(Array(MIB).fill(BLOCK));
  between.keepsAfter = 8 << 20; // in the middle of the upload: the rest waits for answers
  drop(server, "big.csv", big);
  await waitFor("some of the upload", () => {
    const part = names(server, "out").find((name) => name.startsWith(".big.csv.part-"));
    return part !== undefined && statSync(server.path(`out/${part}`)).size > 4 << 20;
  });
  const more = peakMib() - before;
  await world.killHost();
  Object.assign(between, { keepsAfter: Infinity, keeps: false });
  t.diagnostic(`peak memory grew by ${more.toFixed(1)} MiB`);
  assert.ok(more < MIB / 2, `the peak grew by ${more} MiB`);
  await world.startHost();
  await waitFor("the big one", () => names(server, "in/done").includes("big.csv"));
  assert.ok(readFileSync(server.path("out/big.csv")).equals(big));
  assert.deepEqual(names(server, "out"), ["big.csv", "small.csv"]);
  const executions = (await world.settled()).filter((one) => one.flow === "import");
  const outputs = await Promise.all(executions.map(async ({ id }) => (await world.execution(id)).output));
  const { resumedAt } = outputs.find(({ name }) => name === "big.csv");
  assert.ok(resumedAt > 4 << 20, `it began at ${resumedAt}`);
  await world.stopCleanly();
});
