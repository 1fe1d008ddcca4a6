// `sluice export-ows`: what it prints is a document of the specification, and does the same.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { load } from "js-yaml";
import { Classes } from "@serverlessworkflow/sdk";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const folder = mkdtempSync(join(tmpdir(), "sluice-export-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

// {code, out, err}
function sluice(...args) {
  return new Promise((done) => {
    execFile(process.env.SLUICE_BIN, args, { timeout: 60_000 }, (failure, out, err) =>
      done({ code: failure?.code ?? 0, out, err }));
  });
}

async function exported(file, flow) {
  const { code, out, err } = await sluice("export-ows", file, flow);
  assert.equal(code, 0, `${file} ${flow}: ${err}`);
  return { document: JSON.parse(out), notes: err.trim().split("\n").filter(Boolean) };
}

const validate = (document) => Classes.Workflow.deserialize(JSON.stringify(document)).validate();

function manifests() {
  const found = readdirSync(join(root, "flows")).map((name) => join(root, "flows", name, "integration.yaml"));
  const examples = readFileSync(join(root, "docs/manifest.md"), "utf8").matchAll(/```yaml\n(manifest:[^]*?)```/g);
  for (const [, text] of examples) {
    const file = join(folder, `example-${found.length}.yaml`);
    writeFileSync(file, text);
    found.push(file);
  }
  return found;
}

test("every flow of the examples and the reference is valid for the specification's own schema", async (t) => {
  let count = 0;
  for (const file of manifests()) {
    for (const flow of Object.keys(load(readFileSync(file, "utf8")).flows)) {
      const { document, notes } = await exported(file, flow);
      // Extensions of ours (computed durations, `then` of a catch), and told.
      if (notes.some((each) => each.includes("the specification's schema does not know"))) continue;
      try {
        validate(document);
      } catch (problem) {
        assert.fail(`${file} ${flow}: ${problem.message}\n${JSON.stringify(document, null, 1)}`);
      }
      ++count;
    }
  }
  t.diagnostic(`${count} flows`);
  assert.ok(count > 20);
});

const PLAIN = `manifest: "1"
integration: { namespace: acme, name: sums, version: 1.2.0, title: Sums }
use:
  retries: { twice: { when: .n != null, delay: PT0S, limit: { attempt: { count: 2 } } } }
  timeouts: { short: { after: PT5S } }
  errors: { tooLarge: { type: "urn:acme:too-large", status: 422, title: Too large } }
flows:
  sumAll:
    description: Adds what is small enough.
    trigger: { call: {} }
    input: { from: .numbers }
    timeout: short
    do:
      - kind:
          switch:
            - empty: { when: length == 0, then: end }
            - some: { then: each }
      - each:
          for: { each: number, in: . }
          while: ($number // 0) < 100
          do:
            - add: { if: $number > 0, set: { sum: "\${ (.sum? // 0) + $number }" } }
          export: { as: "{ sum: .sum }" }
      - check:
          try:
            - large: { if: $context.sum > 50, raise: { error: tooLarge } }
          catch:
            as: problem
            when: $problem.status == 422
            retry: twice
            do:
              - told: { set: { sum: 50 } }
      - twice:
          run: { workflow: { namespace: acme, name: doubleIt, version: latest, input: { n: "\${ $context.sum }" } } }
    output: { as: "{ answer: .n?, plain: $context.sum }" }
  doubleIt:
    trigger: { call: {} }
    do:
      - out: { set: { n: "\${ .n * 2 }" } }
`;

test("a flow of tasks of the specification does the same as a plain document", async () => {
  const file = join(folder, "sums.yaml");
  writeFileSync(file, PLAIN);
  for (const flow of ["sumAll", "doubleIt"]) {
    const { document, notes } = await exported(file, flow);
    assert.deepEqual(notes, []);
    validate(document);
    writeFileSync(join(folder, `${document.document.name}.json`), JSON.stringify(document));
  }
  const { document } = await exported(file, "sumAll");
  assert.deepEqual(document.document, {
    dsl: "1.0.3", namespace: "acme", name: "sums-sum-all", version: "1.2.0", title: "Sums: sumAll",
    summary: "Adds what is small enough.",
  });
  for (const numbers of [[], [1, 2, 3], [20, 40], [5, 200, 7]]) {
    const input = join(folder, "input.json");
    writeFileSync(input, JSON.stringify({ numbers }));
    const ours = await sluice("run", file, "sumAll", "--input", input, "--json");
    const plain = await sluice("run", "--plain", join(folder, "sums-sum-all.json"), "--input", input);
    assert.equal(plain.code, 0, plain.err);
    assert.deepEqual(JSON.parse(plain.out), JSON.parse(ours.out).output, `${numbers}`);
  }
});

test("schedules, events and secrets become the specification's own", async () => {
  const file = join(folder, "triggers.yaml");
  writeFileSync(file, `manifest: "1"
integration: { namespace: acme, name: triggers, version: 1.0.0 }
config:
  at: { type: cron, default: "0 3 * * *", timezone: Europe/Berlin }
  token: { type: secret, required: true }
flows:
  nightly: { trigger: { schedule: { cron: { $ref: config.at }, overlap: queue } }, do: [ { a: { set: { b: 1 } } } ] }
  often: { trigger: { schedule: { every: PT5M } }, do: [ { a: { set: { b: 1 } } } ] }
  heard:
    trigger: { event: { any: [ { with: { type: x }, correlate: { id: { from: .data.id } } } ], read: data } }
    do: [ { a: { set: { b: 1 } } } ]
  hook:
    trigger: { webhook: {} }
    queue: { key: .id }
    do:
      - ask: { call: http, with: { method: get, endpoint: "https://example.com", headers: { x-key: { $ref: config.token } } } }
`);
  const nightly = await exported(file, "nightly");
  assert.deepEqual(nightly.document.schedule, { cron: "0 3 * * *" });
  assert.match(nightly.notes.join(), /overlap.*left out/);
  assert.match(nightly.notes.join(), /time zone is left out/);
  assert.match(nightly.notes.join(), /payload of a schedule/);
  assert.deepEqual((await exported(file, "often")).document.schedule, { every: "PT5M" });
  const heard = await exported(file, "heard");
  assert.deepEqual(heard.document.schedule, {
    on: { any: [{ with: { type: "x" }, correlate: { id: { from: "${ .data.id }" } } }] } });
  const hook = await exported(file, "hook");
  assert.equal(hook.document.schedule, undefined);
  assert.deepEqual(hook.document.use, { secrets: ["token"] });
  assert.equal(hook.document.do[0].ask.with.headers["x-key"], "${ $secrets.token }");
  assert.match(hook.notes.join("\n"), /webhook/);
  assert.match(hook.notes.join("\n"), /`queue` of the flow is left out/);
  for (const one of [nightly, heard, hook]) validate(one.document);
});

test("names of siblings, secrets by name and computed durations", async () => {
  const file = join(folder, "names.yaml");
  writeFileSync(file, `manifest: "1"
integration: { namespace: acme, name: names, version: 1.0.0 }
config:
  api-key: { type: secret, required: true }
  region: { type: string, default: eu }
use:
  secrets: [api-key]
  authentications: { api: { bearer: { use: api-key } } }
flows:
  main:
    trigger: { call: {} }
    timeout: { after: { seconds: "\${ .limit }" } }
    do:
      - ask: { call: http, with: { method: get, endpoint: { uri: "https://example.com", authentication: { use: api } }, headers: { a: { $ref: config.api-key } }, query: { region: { $ref: config.region } } } }
      - one: { run: { workflow: { name: sumAll } } }
      - two: { call: flow.start, with: { flow: sum_all, input: {} } }
  sumAll: { trigger: { call: {} }, do: [ { a: { set: { b: 1 } } } ] }
  sum_all: { trigger: { call: {} }, do: [ { a: { set: { b: 2 } } } ] }
`);
  const { document, notes } = await exported(file, "main");
  assert.deepEqual(document.use.secrets, ["api-key"]);
  const [{ ask }, { one }, { two }] = document.do;
  assert.equal(ask.with.headers.a, '${ $secrets["api-key"] }');
  assert.equal(ask.with.query.region, "${ $config.region }");
  assert.deepEqual(one.run.workflow, { name: "names-sum-all", namespace: "acme", version: "latest" });
  assert.equal(two.with.flow, "names-sum-all-2");
  assert.equal((await exported(file, "sum_all")).document.document.name, "names-sum-all-2");
  assert.match(notes.join("\n"), /duration is an expression/);
  assert.match(notes.join("\n"), /flow\.start/);
  document.timeout = { after: "PT1S" };
  validate(document);
});

test("what is not there, or wrong, is refused with the names there are", async () => {
  const file = join(folder, "sums.yaml");
  writeFileSync(file, PLAIN);
  const missing = await sluice("export-ows", file, "sumAl");
  assert.equal(missing.code, 1);
  assert.equal(missing.out, "");
  assert.match(missing.err, /no flow "sumAl"[^]*sumAll/);
  const broken = join(folder, "broken.yaml");
  writeFileSync(broken, PLAIN.replace("set:", "sett:"));
  const refused = await sluice("export-ows", broken, "sumAll");
  assert.equal(refused.code, 1);
  assert.match(refused.err, /broken\.yaml:\d+:\d+/);
});
