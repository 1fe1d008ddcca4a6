// What `sluice connector check` prints for people.
import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { commandsFor } from "./commands.mjs";

const fixture = (name) => join(resolve(process.env.SLUICE_BUILD), "tests/connectors", `${name}.so`);

test("a rule that is broken in every test is told once, with the tests that found it, too", async () => {
  const sluice = commandsFor({ folder: "/" });
  const words = ["connector", "check", fixture("twice"), ...["examples", "completion", "strand"].flatMap((one) => ["--only", one])];
  const { code, stdout } = await sluice(...words);
  assert.equal(code, 1);
  assert.equal(stdout.match(/completed a second time/g).length, 1, stdout);
  assert.match(stdout, /FAIL +examples[^]*action `act`: the action completed a second time[^]*also in: completion, strand\nFAIL +completion/);
  assert.match(stdout, /FAIL +strand[^\n]*\n +and 1 of what a test above has found\n/);
  const all = JSON.parse((await sluice(...words, "--json")).stdout).tests;
  for (const one of all) assert.match(JSON.stringify(one.findings), /completed a second time/, one.name);
});
