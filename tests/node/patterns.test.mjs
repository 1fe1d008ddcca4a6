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

// Of tests/node, as ctest runs them.
const run = [...readFileSync(join(root, "tests/CMakeLists.txt"), "utf8")
  .matchAll(/^\s*sluice_node_test\(\S+ ([^\s)]+)/gm)].map(([, file]) => file);
const examples = readdirSync(join(root, "flows"));

test("every file that is named exists, and its test is run", () => {
  for (const path of linked) {
    assert.ok(existsSync(path), `${path} is not there`);
    if (path.endsWith(".test.mjs")) {
      const file = path.slice(join(root, "tests/node/").length);
      assert.ok(run.includes(file), `tests/CMakeLists.txt does not run ${file}`);
    }
  }
  assert.ok(linked.length > 100);
});

test("every example has a page with a drawing, instances, tests of both kinds, and is named in the table", () => {
  const endToEnd = run.filter((file) => file.startsWith("e2e/"))
    .map((file) => readFileSync(join(root, "tests/node", file), "utf8"));
  for (const name of examples) {
    const folder = join(root, "flows", name);
    for (const part of ["README.md", "integration.yaml"]) assert.ok(existsSync(join(folder, part)), `${folder}: ${part}`);
    for (const part of ["instances", "tests"])
      assert.ok(readdirSync(join(folder, part)).some((file) => file.endsWith(".yaml")), `${folder} has no ${part}`);
    assert.ok(linked.includes(folder), `docs/patterns.md does not name ${folder}`);
    const readme = readFileSync(join(folder, "README.md"), "utf8");
    assert.match(readme, /^```\n(?:(?!```).*\n)*?.*[─│].*\n(?:(?!```).*\n)*?```$/m, `${name}: its page has no drawing`);
    assert.ok(readme.split("\n").length <= 75, `${name}: more than one page`);
    assert.ok(readme.includes(`sluice test flows/${name}`), `${name}: its page does not say how it is tested`);
    assert.ok(endToEnd.some((text) => text.includes(name)), `${name}: no test runs it end to end`);
  }
});

test("each example of a row is run by a test that the row names", () => {
  for (const [, number, , shown, shownBy] of rows) {
    const tests = [...shownBy.matchAll(/\]\(\.\.\/((?:tests\/node|flows)\/[^)]+)\)/g)].map(([, path]) => path);
    for (const [, name] of shown.matchAll(/flows\/([a-z-]+)\)/g))
      assert.ok(tests.some((path) => path.startsWith(`flows/${name}/`) || readFileSync(join(root, path), "utf8").includes(name)),
        `row ${number}: no test of it runs ${name}`);
  }
});

test("both imports of files read them in the same way", () => {
  const [sftp, dropbox] = ["sftp-file-import", "dropbox-file-import"].map((name) => {
    const manifest = readFileSync(join(root, "flows", name, "integration.yaml"), "utf8");
    const block = /^ {12}- byType:$[^]*?^ {12}do:$/m.exec(manifest);
    assert.ok(block, name);
    return block[0];
  });
  assert.ok(sftp.length > 4000);
  assert.equal(dropbox, sftp);
});

test("every example with its instances fits the connectors, without a warning", () => {
  for (const name of examples) {
    const folder = join(root, "flows", name);
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
