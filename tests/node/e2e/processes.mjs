// Starting and ending the programs of an end-to-end test: by process id, everything with a deadline.
import { spawn } from "node:child_process";
import { createWriteStream, existsSync, readFileSync, statSync } from "node:fs";
import { createInterface } from "node:readline";

const START_MS = 60_000;
const STOP_MS = 60_000;

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Resolves to what `probe` returns as soon as that is neither false nor undefined.
export async function waitFor(what, probe, deadlineMs = 60_000) {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await sleep(20);
  }
}

// A program whose first line on standard output is `ready URL`.
export class Program {
  lines = [];
  #child;
  #log;
  #before; // bytes of earlier programs in the log
  #ended;

  constructor(command, args, { log, env = {} }) {
    this.#log = log;
    this.#before = existsSync(log) ? statSync(log).size : 0;
    const errors = createWriteStream(log, { flags: "a" });
    this.#child = spawn(command, args, {
      env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    this.#child.stderr.pipe(errors);
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.lines.push(line));
    this.#ended = new Promise((done) => {
      this.#child.once("error", (error) => done({ code: null, signal: null, error }));
      this.#child.once("exit", (code, signal) => done({ code, signal }));
    });
    void this.#ended.then((how) => { this.ended = how; });
  }

  get pid() { return this.#child.pid; }

  async ready() {
    await waitFor(`the first line of ${this.#child.spawnfile}`, () => {
      if (this.ended) throw new Error(`it ended early: ${JSON.stringify(this.ended)}\n${this.logTail()}`);
      return this.lines.length > 0;
    }, START_MS);
    const url = /^ready (http:\/\/\S+)$/.exec(this.lines[0])?.[1];
    if (!url) throw new Error(`expected "ready URL", got "${this.lines[0]}"`);
    return url;
  }

  // Sends the signal and gives the end: {code, signal}. Throws, and kills, when it takes too long.
  async stop(signal = "SIGTERM", deadlineMs = STOP_MS) {
    if (!this.ended) this.#child.kill(signal);
    let timer;
    const late = new Promise((done) => { timer = setTimeout(done, deadlineMs, "late"); });
    const how = await Promise.race([this.#ended, late]);
    clearTimeout(timer);
    if (how !== "late") return how;
    this.#child.kill("SIGKILL");
    await this.#ended;
    throw new Error(`${this.#child.spawnfile} did not end within ${deadlineMs} ms of ${signal}`);
  }

  kill() { return this.stop("SIGKILL"); }

  // As when the program that keeps the log ends.
  stopReadingErrors() { this.#child.stderr.destroy(); }

  // What was written to standard error: of this program, or of earlier ones with this log, too.
  log({ all = false } = {}) {
    try {
      return readFileSync(this.#log).subarray(all ? 0 : this.#before).toString();
    } catch {
      return "";
    }
  }

  logTail() { return this.log({ all: true }).split("\n").slice(-30).join("\n"); }
}
