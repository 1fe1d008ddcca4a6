// docs/patterns.md names every pattern once, and nothing that is not there: each file exists, each
// example has its parts, each test is one that is run.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const page = join(root, "docs/patterns.md");
const text = readFileSync(page, "utf8");
const rows = text.split("\n").filter((line) => /^\| \d/.test(line)).map((line) => line.split("|").map((cell) => cell.trim()));
const linked = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, path]) => resolve(dirname(page), path));

test("all 73 patterns are there, each with what shows it or with a plain word that nothing does", () => {
  assert.deepEqual(rows.map(([, number]) => Number(number)), Array.from({ length: 73 }, (_, i) => i + 1));
  for (const [, number, , examples, tests, remark] of rows) {
    assert.ok(tests !== "" || (examples === "" && /\*\*.+\*\*/.test(remark)), `row ${number} has no test and does not say so`);
  }
});

test("every file that is named exists, and its test is run", () => {
  const run = readFileSync(join(root, "tests/CMakeLists.txt"), "utf8");
  for (const path of linked) {
    assert.ok(existsSync(path), `${path} is not there`);
    if (path.endsWith(".test.mjs")) {
      const file = path.slice(join(root, "tests/node/").length);
      assert.ok(run.includes(` ${file}`), `tests/CMakeLists.txt does not run ${file}`);
    }
  }
  assert.ok(linked.length > 100);
});

test("every example has a page, tests of its own, and is named in the table", () => {
  for (const name of readdirSync(join(root, "flows"))) {
    const folder = join(root, "flows", name);
    for (const part of ["README.md", "integration.yaml"]) assert.ok(existsSync(join(folder, part)), `${folder}: ${part}`);
    assert.ok(readdirSync(join(folder, "tests")).some((file) => file.endsWith(".yaml")), `${folder} has no tests`);
    assert.ok(linked.includes(folder), `docs/patterns.md does not name ${folder}`);
  }
});

test("every example with an instance fits the connectors, without a warning", () => {
  for (const name of readdirSync(join(root, "flows"))) {
    const folder = join(root, "flows", name);
    if (!existsSync(join(folder, "instances"))) continue;
    const files = ["integration.yaml", ...readdirSync(join(folder, "instances")).map((file) => `instances/${file}`)];
    try {
      const said = execFileSync(process.env.SLUICE_BIN, ["check", "--plugins", process.env.SLUICE_CONNECTORS, ...files],
                                { cwd: folder, encoding: "utf8", stdio: "pipe" });
      assert.doesNotMatch(said, /warning/, said);
    } catch (error) {
      assert.fail(`${name}: ${error.stdout ?? ""}${error.stderr ?? error}`);
    }
  }
});
