// Files pass through the host in constant memory, and are there after a crash.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const fixture = (name) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const BLOCK = randomBytes(1 << 20);
const MIB = 64;
// Of what sanitizers keep of freed memory, so that the peak says something about the host.
const env = { ASAN_OPTIONS: "quarantine_size_mb=1" };
const files = { connectors: ["your-app"], env, apply: [fixture("files.yaml"), fixture("files-instance.yaml")] };

// Sends `blocks` times BLOCK and hashes what comes back; `chunked`: without a length.
function exchange(url, blocks, { chunked = false } = {}) {
  return new Promise((done, fail) => {
    const headers = { "content-type": "application/x-test" };
    if (!chunked) headers["content-length"] = blocks * BLOCK.length;
    const sending = request(url, { method: "POST", headers }, (response) => {
      const digest = createHash("sha256");
      let size = 0;
      response.on("data", (piece) => { digest.update(piece); size += piece.length; });
      response.on("end", () => done({ status: response.statusCode, headers: response.headers,
                                      size, digest: digest.digest("hex") }));
      response.on("error", fail);
    });
    sending.on("error", fail);
    let left = blocks;
    const more = () => {
      while (left > 0) {
        --left;
        if (!sending.write(BLOCK)) return sending.once("drain", more);
      }
      sending.end();
    };
    more();
  });
}

function digestOf(blocks) {
  const digest = createHash("sha256");
  for (let i = 0; i < blocks; ++i) digest.update(BLOCK);
  return digest.digest("hex");
}

// The peak is that of the whole life until it is reset (proc(5), clear_refs).
const resetPeak = (pid) => writeFileSync(`/proc/${pid}/clear_refs`, "5");
const peakMib = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
function blobFiles(world) {
  const folder = join(world.data, "blobs");
  if (!existsSync(folder)) return [];
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile()).map((entry) => entry.name);
  } catch {
    return blobFiles(world); // a folder in it went away meanwhile
  }
}

test(`${MIB} MiB go in and come back in a few MiB of memory`, async (t) => {
  const world = await World.start(t, files);
  const { echo } = world.hooks();
  await exchange(echo, 1); // what is set up once
  resetPeak(world.hostPid);
  const before = peakMib(world.hostPid);
  for (const options of [{}, { chunked: true }]) {
    const answer = await exchange(echo, MIB, options);
    assert.equal(answer.status, 201);
    assert.equal(answer.headers["content-type"], "application/x-test");
    assert.equal(answer.headers["x-size"], String(MIB << 20));
    assert.equal(answer.size, MIB << 20);
    assert.equal(answer.digest, digestOf(MIB));
  }
  const more = peakMib(world.hostPid) - before;
  t.diagnostic(`peak memory grew by ${more.toFixed(1)} MiB`);
  assert.ok(more < MIB / 2, `the peak grew by ${more} MiB`);
  await world.stopCleanly();
});

test("an upload that is broken off or too large leaves nothing behind", async (t) => {
  const world = await World.start(t, { ...files, arguments: ["--max-upload", String(3 << 20)] });
  const { echo } = world.hooks();
  assert.equal((await exchange(echo, 3)).status, 201);
  const kept = blobFiles(world).length;
  assert.equal((await exchange(echo, 4).catch(() => ({ status: 413 }))).status, 413);
  assert.equal((await exchange(echo, 5, { chunked: true }).catch(() => ({ status: 413 }))).status, 413);
  const broken = request(echo, { method: "POST", headers: { "content-length": 3 << 20 } });
  broken.on("error", () => {});
  broken.write(BLOCK);
  await waitFor("the first bytes on disk", () => blobFiles(world).some((name) => name.endsWith(".part")));
  broken.destroy();
  await waitFor("their end", () => blobFiles(world).length === kept);
  assert.equal((await world.executions()).length, 1);
  await world.stopCleanly();
});

test("a file whose event was acknowledged is there after kill -9, and nothing else", async (t) => {
  const world = await World.start(t, files);
  await world.setFaults({ delayMs: 60_000 });
  const { keep } = world.hooks();
  const { status, body } = await world.post({ headers: { "content-type": "text/csv" }, body: BLOCK }, keep);
  assert.equal(status, 202);
  // One more is on its way when the host dies.
  const broken = request(keep, { method: "POST", headers: { "content-length": 3 << 20 } });
  broken.on("error", () => {});
  broken.write(BLOCK);
  await waitFor("the second file", () => blobFiles(world).some((name) => name.endsWith(".part")));
  await world.killHost();
  await world.setFaults({ delayMs: 0 });
  await world.startHost();
  const [done] = await world.waitForExecutions("keep", 1);
  const { output } = await world.execution(done.id);
  assert.equal(done.id, body.execution);
  assert.equal(output.file.size, BLOCK.length);
  const path = join(world.data, "blobs", done.id, output.file.$blob);
  assert.ok(readFileSync(path).equals(BLOCK));
  await waitFor("the end of the other file", () => blobFiles(world).length === 2); // with its type
  await world.stopCleanly();
});
