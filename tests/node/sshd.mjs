// A real OpenSSH server in a folder and on a port of its own, for one test.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { waitFor } from "./e2e/processes.mjs";

function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

const accepts = (port) => new Promise((done) => {
  const peer = connect(port, "127.0.0.1", () => { peer.destroy(); done(true); });
  peer.on("error", () => done(false));
});

export class Sshd {
  folder = mkdtempSync(join(tmpdir(), "sluice-sshd-"));
  files = join(this.folder, "files"); // where a log-in lands
  // Not root, where tests run as root: permissions are to count.
  user = process.getuid() === 0 ? "nobody" : userInfo().username;
  #child;

  static async start(t, { folders = [] } = {}) {
    const server = new Sshd();
    t.after(() => server.#end());
    chmodSync(server.folder, 0o755);
    server.makeFolder("");
    for (const name of folders) server.makeFolder(name);
    for (const name of ["host", "user"]) {
      execFileSync("ssh-keygen", ["-q", "-N", "", "-t", "ed25519", "-f", join(server.folder, name)]);
    }
    if (process.getuid() === 0) mkdirSync("/run/sshd", { recursive: true }); // sshd insists
    // The port may be taken between looking for it and using it.
    for (let attempt = 0; attempt < 10; ++attempt) {
      if (await server.#tryToStart()) return server;
    }
    throw new Error(`sshd does not start: ${readFileSync(join(server.folder, "log"), "utf8")}`);
  }

  async #tryToStart() {
    this.port = await freePort();
    return this.#listen();
  }

  async #listen() {
    writeFileSync(join(this.folder, "sshd_config"), [
      `HostKey ${join(this.folder, "host")}`, "ListenAddress 127.0.0.1", `Port ${this.port}`, "PidFile none",
      "StrictModes no", "UsePAM no", "UseDNS no", "MaxStartups 100",
      `AuthorizedKeysFile ${join(this.folder, "user.pub")}`,
      `Subsystem sftp internal-sftp -d ${this.files}`, ""].join("\n"));
    const child = spawn("/usr/sbin/sshd", ["-D", "-f", join(this.folder, "sshd_config"), "-E", join(this.folder, "log")],
                        { stdio: "ignore" });
    this.#child = child;
    await waitFor("sshd", async () => child.exitCode !== null || await accepts(this.port));
    return child.exitCode === null;
  }

  // The server dies with its connections.
  async goAway() {
    if (!this.#child || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((done) => this.#child.once("exit", done));
    this.killSessions();
    this.#child.kill("SIGKILL");
    await ended;
  }

  // At the same port.
  async comeBack() {
    await waitFor("sshd to come back", () => this.#listen());
  }

  async #end() {
    await this.goAway();
    if (!process.env.SLUICE_KEEP) rmSync(this.folder, { recursive: true, force: true });
  }

  // As a crash of what serves the present connections.
  killSessions() {
    const below = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
    const kill = (pid) => {
      for (const child of below(pid)) {
        try { kill(child); process.kill(Number(child), "SIGKILL"); } catch { /* it has ended by itself */ }
      }
    };
    kill(this.#child.pid);
  }

  // Anybody may write into it: the tests and the server are different users.
  makeFolder(name) {
    const path = join(this.files, name);
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o777);
  }

  path(name) { return join(this.files, name); }

  // For an instance's connection of type privateKey.
  env() {
    return { SFTP_PORT: String(this.port), SFTP_USER: this.user,
             SFTP_KEY: readFileSync(join(this.folder, "user"), "utf8"),
             SFTP_HOST_KEY: readFileSync(join(this.folder, "host.pub"), "utf8") };
  }
}
