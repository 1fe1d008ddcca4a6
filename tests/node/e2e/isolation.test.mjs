// A connector that nobody vouches for runs in a process of its own: what it does there hurts nobody
// else, and what it may do there is little.
import assert from "node:assert/strict";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { asAdmin, commandsFor } from "./commands.mjs";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const ACTIONS = ["echo", "slow", "wait", "pid", "exit", "attempt"];
const INTEGRATION = `manifest: "1"
integration: { namespace: test, name: isolation, version: 1.0.0 }
connectors: { crashing: "*" }
flows:
${ACTIONS.map((name) => `  ${name}:
    trigger: { webhook: { respond: { mode: result, within: PT120S } } }
    do: [ { it: { call: crashing.${name}, with: { sent: "\${ $trigger.body }" } } } ]
`).join("")}`;
const INSTANCE = "instance: acme\ncustomer: acme\nintegration: test/isolation\n";
const fixtures = join(resolve(process.env.SLUICE_BUILD), "tests/connectors");

async function start(t, options = []) {
  const world = new World();
  const file = world.write;
  world.addConnector("crashing", fixtures);
  await world.start(t, {
    connectors: [], apply: [file("isolation.yaml", INTEGRATION), file("acme.yaml", INSTANCE)],
    arguments: options,
  });
  const hooks = world.hooks();
  const call = (flow, input = {}) => world.post(
    { headers: { "content-type": "application/json" }, body: JSON.stringify(input) }, hooks[flow], 150_000);
  const sluice = commandsFor(world);
  const status = async () => {
    const { stdout } = await sluice("connector", "status", "--json", ...asAdmin(world));
    return JSON.parse(stdout).items[0];
  };
  return { world, call, sluice, status };
}

const errorText = (answer) => JSON.stringify(answer.body);

test("of a hundred events, the one that kills the connector fails, and no other", async (t) => {
  const { world, call, status } = await start(
    t, ["--requests-per-endpoint", "200", "--connections-per-source", "300"]);
  assert.equal((await call("echo", { warm: true })).status, 200);
  const answers = await Promise.all(Array.from({ length: 100 }, (_, n) =>
    call("slow", n === 57 ? { n, poison: true } : { n })));
  answers.forEach((answer, n) => {
    if (n === 57) {
      assert.ok(answer.status >= 500, `the poisonous one: ${answer.status}`);
    } else {
      assert.equal(answer.status, 200, `${n}: ${errorText(answer)}`);
      assert.equal(answer.body.sent.n, n);
    }
  });
  const failed = (await world.executions()).filter((one) => one.state === "failed");
  assert.equal(failed.length, 1);
  assert.match(JSON.stringify(await world.execution(failed[0].id)), /signal 11/);
  const now = await status();
  assert.equal(now.isolation, "process");
  assert.ok(now.deaths >= 1 && now.deaths <= 2, `${now.deaths} deaths`);
  assert.equal(now.quarantined, false);
  await world.stopCleanly();
});

test("a process that is killed fails its call, and the next call has a new one", async (t) => {
  const { world, call } = await start(t);
  const pid = (await call("pid")).body;
  assert.notEqual(pid, world.hostPid);
  assert.match(readFileSync(`/proc/${pid}/status`, "utf8"), /NoNewPrivs:\t1/);
  assert.equal(readFileSync(`/proc/${world.hostPid}/status`, "utf8").includes("NoNewPrivs:\t1"), false);
  const cut = call("wait");
  await waitFor("the call to run", async () => (await world.executions()).some((one) => one.state === "running"));
  await call("echo");
  process.kill(pid, "SIGKILL");
  assert.ok((await cut).status >= 500);
  const failed = (await world.executions()).find((one) => one.state === "failed");
  assert.match(JSON.stringify(await world.execution(failed.id)), /signal 9/);
  const next = (await call("pid")).body;
  assert.notEqual(next, pid);
  // With the host ends what it has started.
  await world.killHost();
  await waitFor("the end of the connector's process", () => !existsSync(`/proc/${next}`));
});

test("three deaths bring quarantine: the doctor says so, and how it ends", async (t) => {
  const { world, call, sluice, status } = await start(t);
  for (let death = 0; death < 3; ++death) assert.ok((await call("exit")).status >= 500);
  assert.equal((await status()).quarantined, true);
  assert.ok((await call("echo")).status >= 500);
  const doctor = await sluice("doctor", ...asAdmin(world));
  assert.equal(doctor.code, 1);
  assert.match(doctor.stdout, /crashing 0\.1\.0 is in quarantine.*exit code 3/);
  assert.match(doctor.stdout, /sluice connector release crashing/);
  assert.match(doctor.stdout, /crashing +0\.1\.0 +in a process of its own +quarantined +3/);
  const unknown = await sluice("connector", "release", "nobody", ...asAdmin(world));
  assert.equal(unknown.code, 1);
  const released = await sluice("connector", "release", "crashing", ...asAdmin(world));
  assert.equal(released.code, 0, released.stderr);
  assert.equal((await call("echo")).status, 200);
  assert.equal((await status()).quarantined, false);
  const metrics = await fetch(`${world.adminUrl}/metrics`, { headers: { authorization: `Bearer ${world.adminToken}` } });
  const numbers = await metrics.text();
  assert.match(numbers, /sluice_connector_deaths\{connector="crashing 0\.1\.0"\} 3/);
  assert.match(numbers, /sluice_connector_quarantined\{connector="crashing 0\.1\.0"\} 0/);
});

test("what it tries beyond its own is refused, each by its layer", async (t) => {
  const { call, status } = await start(t, ["--isolation", "crashing=process,no-network"]);
  const attempt = async (what) => (await call("attempt", { what })).body;
  const EPERM = 1;
  const EACCES = 13;
  await call("echo");
  const { hardening } = await status();
  // As host/runner/isolation_test.cpp, which asks the kernel itself.
  if (hardening.landlock < 6 || !readFileSync("/proc/self/status", "utf8").includes("\nSeccomp:")) {
    return t.skip("a kernel without Landlock 6 or seccomp");
  }
  assert.deepEqual(hardening.refused, [], "this kernel has all layers");
  assert.ok(hardening.seccomp && hardening.noNewPrivileges);
  assert.equal(await attempt("shadow"), EACCES);
  assert.equal(await attempt("write"), EACCES);
  assert.equal(existsSync("/tmp/sluice-escaped"), false);
  assert.equal(await attempt("ptrace"), EPERM);
  assert.equal(await attempt("kill"), EPERM);
  assert.equal(await attempt("exec"), EPERM);
  assert.equal(await attempt("fork"), EPERM);
  for (const what of ["chmod", "setpgid", "limits", "memfd", "shared memory"]) assert.equal(await attempt(what), EPERM, what);
  for (const what of ["socket", "unix", "netlink", "keys"]) assert.equal(await attempt(what), EACCES, what);
  assert.equal(await attempt("temporary"), 0);
  assert.equal(await attempt("library"), 0);
});

test("a rule for a connector that is not there is told at the start and by the doctor", async (t) => {
  const { world, call, sluice } = await start(t, ["--isolation", "crasing=process,no-network"]);
  assert.equal((await call("echo")).status, 200);
  await world.logs(/a rule for crasing, and no connector is called so/);
  const doctor = await sluice("doctor", ...asAdmin(world));
  assert.equal(doctor.code, 1);
  assert.match(doctor.stdout, /a rule for crasing[^]*there are: crashing/);
});

test("the connector for folders says that it cannot work in a process of its own", async (t) => {
  const world = new World();
  world.addConnector("files");
  const integration = world.write("folders.yaml", `manifest: "1"
integration: { namespace: test, name: folders, version: 1.0.0 }
connectors: { files: "*" }
connections: { inbox: { connector: files, type: folder } }
flows:
  look:
    trigger: { webhook: { respond: { mode: result, within: PT60S } } }
    do: [ { it: { call: files.list, with: { connection: inbox } } } ]
`);
  const instance = world.write("acme.yaml", `instance: acme
customer: acme
integration: test/folders
connections: { inbox: { type: folder, root: ${world.folder} } }
`);
  const apply = [integration, instance];
  await world.start(t, { connectors: [], apply, arguments: ["--isolation", "files=process"] });
  const sluice = commandsFor(world);
  const call = () => world.post({ headers: { "content-type": "application/json" }, body: "{}" });
  const answer = await call();
  assert.notEqual(answer.status, 401, errorText(answer));
  assert.match(JSON.stringify(await world.execution((await world.executions())[0].id)),
    /Not supported[^]*process of its own[^]*--isolation files=none/);
  await world.logs(/files 0\.1\.0 runs in a process of its own, and says it cannot work there: it works on folders/);
  const told = await sluice("doctor", ...asAdmin(world));
  assert.match(told.stdout, /files 0\.1\.0 runs in a process of its own[^]*sluice serve --isolation files=none/);
  await world.stopCleanly();

  await world.startHost({ arguments: ["--isolation", "files=none"] });
  assert.equal((await call()).status, 200);
  assert.doesNotMatch((await sluice("doctor", ...asAdmin(world))).stdout, /says it cannot work there/);
  await world.stopCleanly();
});

test("the process of a replaced file ends once nothing runs there", async (t) => {
  const { world, call, sluice } = await start(t);
  const first = (await call("pid")).body;
  const cut = call("slow");
  writeFileSync(join(world.plugins, "next.tmp"), readFileSync(join(fixtures, "close_crashes.so")));
  renameSync(join(world.plugins, "next.tmp"), join(world.plugins, "crashing.so"));
  assert.equal((await cut).status, 200);
  await waitFor("the end of the old process", async () => {
    await call("echo");
    return !existsSync(`/proc/${first}`);
  });
  const { stdout } = await sluice("connector", "status", "--json", ...asAdmin(world));
  assert.deepEqual(JSON.parse(stdout).items.map((one) => one.present), [true]);
  assert.notEqual((await call("pid")).body, first);
});

test("what is on the list of hashes, or named so, runs in the host", async (t) => {
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256").update(readFileSync(join(fixtures, "crashing.so"))).digest("hex");
  const { world, call, sluice, status } = await start(t, ["--isolation", "crashing=none"]);
  world.addConnector("github");
  assert.equal((await call("pid")).body, world.hostPid);
  assert.equal((await status()).isolation, "none");
  await world.stopCleanly();
  const list = join(world.folder, "trusted.sha256");
  writeFileSync(list, `${hash}  crashing.so\n`);
  await world.startHost({ arguments: ["--trusted-connectors", list] });
  const pid = await world.post({ headers: { "content-type": "application/json" }, body: "{}" }, world.hooks().pid);
  assert.equal(pid.body, world.hostPid);
  // Those of the list beside the program stay trusted.
  const { stdout } = await sluice("connector", "status", "--json", ...asAdmin(world));
  const how = JSON.parse(stdout).items.map((one) => `${one.id} ${one.isolation}`);
  assert.deepEqual(how, ["crashing none", "github none"]);
  await world.stopCleanly();
});
