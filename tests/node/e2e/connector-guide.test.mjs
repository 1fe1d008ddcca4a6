// docs/connector-guide.md as a reader follows it: every command of the walk runs, in a folder of its
// own, and prints what the page says; the code and the manifests of its chapters are sound.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { blocksOf, missingLine } from "./guide-blocks.mjs";
import { Program, waitFor } from "./processes.mjs";

const root = resolve(fileURLToPath(import.meta.url), "../../../..");
const guide = readFileSync(join(root, "docs/connector-guide.md"), "utf8");
const [walk, chapters] = guide.split("\n# Chapters\n");
const COMMAND_MS = 600_000; // two builds on a machine that is busy with others

function folderFor(t) {
  const folder = mkdtempSync(join(tmpdir(), "sluice-guide-"));
  t.after(() => process.env.SLUICE_KEEP || rmSync(folder, { recursive: true, force: true }));
  return folder;
}

// {code, output}: standard output and errors together, in the order in which they came.
function shell(script, folder, env) {
  return new Promise((done) => {
    execFile("bash", ["-c", `exec 2>&1\n${script}`],
             { cwd: folder, env, timeout: COMMAND_MS, maxBuffer: 1 << 26 },
             (error, stdout) => done({ code: error ? (error.code ?? "killed") : 0, output: stdout }));
  });
}

// One reader: the terminals share a folder and what was exported.
class Reader {
  #folder;
  #env;
  #state;
  #programs = [];
  // The page's fixed addresses and shortened secrets, and what they are this time.
  #known = [["$SLUICE/build/release", resolve(process.env.SLUICE_BUILD)]];

  constructor(t) {
    this.#folder = folderFor(t);
    this.#state = join(this.#folder, ".exported");
    writeFileSync(this.#state, "");
    const { PATH, LANG } = process.env;
    this.#env = { PATH, LANG, HOME: this.#folder, SLUICE: root };
    t.after(() => Promise.all(this.#programs.map((one) => one.kill())));
  }

  get folder() { return this.#folder; }

  actual(text) {
    return this.#known.reduce((now, [shown, real]) => now.replaceAll(shown, real), text);
  }

  async run(text) {
    const script = `source ${this.#state}\nset -e\n${this.actual(text)}\nset +e\nexport -p > ${this.#state}\n`;
    return shell(script, this.#folder, this.#env);
  }

  // The last command of the block becomes the process itself, so that it can be ended by its id, and
  // picks its own ports.
  async start(text) {
    const own = text.replace(/(listen) 127\.0\.0\.1:\d+/g, "$1 127.0.0.1:0")
      .replace(/^(sluice|\$SLUICE)/m, "exec $1");
    assert.match(own, /^exec /m, `nothing to start in:\n${text}`);
    const number = this.#programs.length;
    const program = new Program("bash", ["-c", `cd ${this.#folder}\nsource ${this.#state}\n${this.actual(own)}`], {
      log: join(this.#folder, `background-${number}.log`), env: { ...this.#env } });
    this.#programs.push(program);
    const ready = new URL(await program.ready()).host;
    const [, asked] = /--listen (\S+)/.exec(text);
    this.#known.push([asked, ready]);
    const [, admin] = /--admin-listen (\S+)/.exec(text) ?? [];
    if (admin) await this.#learn(program, admin);
    return program;
  }

  // What the host prints and a reader copies.
  async #learn(program, admin) {
    const word = (start) => waitFor(`a line "${start}"`, () =>
      program.lines.find((line) => line.startsWith(start))?.split(" ").at(-1));
    const address = await word("admin ");
    const hook = await word("hook ");
    this.#known.unshift(["http://127.0.0.1:8080/hooks/...", hook], ["slc_...", await word("admin-token ")]);
    this.#known.push([admin, new URL(address).host]);
    this.#env.SLUICE_ADMIN = address;
  }

  write(path, text) {
    const file = join(this.#folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  async end() {
    for (const program of this.#programs.toReversed()) {
      const how = await program.stop();
      assert.equal(how.code, 0, `${JSON.stringify(how)}\n${program.logTail()}`);
    }
  }
}

test("the walk does what it says", async (t) => {
  const reader = new Reader(t);
  let last;
  let counted = 0;
  for (const { kind, path, text, line } of blocksOf(walk)) {
    const place = `docs/connector-guide.md:${line}`;
    if (kind === "sh") {
      const { code, output } = await reader.run(text);
      assert.equal(code, 0, `${place}: exit code ${code}\n${output}`);
      last = () => output;
      ++counted;
    } else if (kind === "background") {
      const program = await reader.start(text);
      last = () => program.lines.join("\n");
      ++counted;
    } else if (kind === "text") {
      assert.ok(last, `${place}: there is no command before`);
      // A program that goes on may print the rest in a moment.
      const missing = () => missingLine(reader.actual(text), last());
      await waitFor("its output", () => missing() === undefined).catch(() =>
        assert.fail(`${place}: no line "${missing()}" in\n${last()}`));
    } else if (kind === "file") {
      reader.write(path, text);
    } else if (kind === "diff") {
      reader.write("changes.diff", text);
      const { code, output } = await reader.run("patch -p0 --fuzz=0 < changes.diff");
      assert.equal(code, 0, `${place}: ${output}`);
    } else {
      assert.fail(`${place}: a block that nobody runs`);
    }
  }
  assert.ok(counted >= 12, `only ${counted} commands`);
  assert.ok(existsSync(join(reader.folder, "plugins/acme-crm.so")));
  await reader.end();
});

test("what a page says and a program does not print is noticed", () => {
  const printed = "one 1 of 2\n\n  two\nthree\n";
  assert.equal(missingLine("one ... of 2\n...\ntwo\nthree\n", printed), undefined);
  assert.equal(missingLine("one ... of 3\n", printed), "one ... of 3");
  assert.equal(missingLine("three\ntwo\n", printed), "two");
  assert.equal(missingLine("tw\n", printed), "tw");
  assert.equal(missingLine("two\ntwo\n", printed), "two");
  assert.throws(() => blocksOf("```sh\nls\n"), /line 1 does not end/);
});

test("the code of the chapters compiles", async (t) => {
  const folder = folderFor(t);
  const code = blocksOf(chapters).filter(({ language }) => language === "cpp");
  assert.ok(code.length >= 6, `only ${code.length} blocks`);
  const members = code.map(({ text, line }) => `#line ${line + 1} "docs/connector-guide.md"\n${text}`);
  writeFileSync(join(folder, "chapters.cpp"), `#include <algorithm>
#include <sluice/connector.hpp>
#include <sluice/webhook_signature.hpp>
class chapters {
public:
${members.join("\n")}
};
SLUICE_CONNECTOR(chapters, "chapters", sluice::action("download", &chapters::download),
                 sluice::action("count", &chapters::count))
`);
  const { code: exit, output } = await shell(
    `c++ -std=c++20 -Wall -Wextra -Werror -fsyntax-only -I ${join(root, "sdk/include")} chapters.cpp`,
    folder, process.env);
  assert.equal(exit, 0, output);
});

test("the manifests of the chapters are sound", async (t) => {
  const folder = folderFor(t);
  const manifests = blocksOf(chapters).filter(({ language }) => language === "yaml");
  assert.ok(manifests.length > 0);
  for (const { text, line } of manifests) {
    const head = `manifest: "1"\nintegration: { namespace: guide, name: line-${line}, version: 1.0.0 }\n`;
    writeFileSync(join(folder, "integration.yaml"), head + text);
    const { code, output } = await shell(`${resolve(process.env.SLUICE_BIN)} check integration.yaml`,
                                         folder, process.env);
    assert.equal(code, 0, `docs/connector-guide.md:${line}\n${output}`);
  }
});
