// A real Postfix and a real Dovecot for one test, on ports of their own on loopback, in a folder that
// goes away. Mail for USERS goes to their mailboxes; mail for anybody else goes nowhere.
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "./e2e/processes.mjs";

export const DOMAIN = "mail.test";
// A folder that each mailbox has, unless a test names others.
export const DONE = "Erledigt & Größe";
const NOBODY = 65534;

// Why these servers cannot run here; nothing when they can.
export function mailServersMissing() {
  if (process.getuid() !== 0) return "Postfix needs to be started by root";
  for (const program of ["/usr/sbin/postfix", "/usr/sbin/dovecot"]) {
    try {
      execFileSync("test", ["-x", program]);
    } catch {
      return `${program} is missing (tools/setup installs it)`;
    }
  }
  return undefined;
}

async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => done(server));
  })));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

// The first line that a server says.
function greeting(port) {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1");
    socket.setTimeout(2_000, () => socket.destroy());
    socket.once("data", (bytes) => { done(String(bytes)); socket.destroy(); });
    socket.once("error", () => done(""));
    socket.once("close", () => done(""));
  });
}

function certificate(folder) {
  execFileSync("openssl", [
    "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
    "-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")], { stdio: "pipe" });
  return readFileSync(join(folder, "cert.pem"), "utf8");
}

const dovecotConf = (folder, ports, mailboxes, tokensOf) => `
protocols = imap lmtp
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
listen = 127.0.0.1
default_internal_user = nobody
default_login_user = nobody
default_internal_group = nogroup
first_valid_uid = 1
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
auth_mechanisms = plain login${tokensOf ? " xoauth2 oauthbearer" : ""}
auth_username_format = %n
auth_failure_delay = 0
${tokensOf ? `passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${folder}/oauth2.conf
}` : ""}
passdb {
  driver = passwd-file
  args = ${folder}/users
}
userdb {
  driver = static
  args = uid=${NOBODY} gid=${NOBODY} home=${folder}/mail/%u
}
mail_location = maildir:~/Maildir
mail_max_userip_connections = 50
namespace inbox {
  inbox = yes
${mailboxes.map((name) => `  mailbox "${name}" {\n    auto = create\n  }`).join("\n")}
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${ports.imap}
  }
  inet_listener imaps {
    port = ${ports.imaps}
  }
}
service lmtp {
  inet_listener lmtp {
    port = ${ports.lmtp}
  }
}
service anvil {
  chroot =
  # Nobody waits longer and longer because of an earlier refusal.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  inet_listener {
    port = ${ports.auth}
  }
}
`;

const oauth2Conf = (tokensOf) => `
tokeninfo_url = ${tokensOf}
username_attribute = sub
`;

const mainCf = (folder, ports) => `
compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = ${folder}/postfix.log
maillog_file_prefixes = ${folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.${DOMAIN}
mydestination =
mynetworks =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = ${DOMAIN}
virtual_mailbox_maps = texthash:${folder}/mailboxes
virtual_transport = lmtp:inet:127.0.0.1:${ports.lmtp}
default_transport = error:5.1.2 nothing leaves this test
relay_transport = error:5.1.2 nothing leaves this test
local_transport = error:5.1.2 nothing is local here
smtpd_tls_cert_file = ${folder}/cert.pem
smtpd_tls_key_file = ${folder}/key.pem
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:${ports.auth}
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
smtpd_client_restrictions =
message_size_limit = 104857600
virtual_mailbox_limit = 0
`;

const masterCf = (ports) => `
127.0.0.1:${ports.smtp} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;

export class MailServers {
  folder = mkdtempSync(join(tmpdir(), "sluice-mail-"));
  host = "localhost";
  ports = {};
  #children = [];
  #mailboxes;
  #tokensOf;

  // users: {name: password}; their addresses are name@DOMAIN. `mailboxes`: folders of each.
  // `tokensOf`: an address that tells whose the access token behind it is ({sub}); then logins by
  // token are taken, too.
  static async start(t, users, { mailboxes = [DONE], tokensOf } = {}) {
    const servers = new MailServers();
    servers.#mailboxes = mailboxes;
    servers.#tokensOf = tokensOf;
    t.after(() => servers.stop());
    const { folder } = servers;
    chmodSync(folder, 0o755);
    servers.ca = certificate(folder);
    for (const name of ["mail", "queue", "data", "etc"]) mkdirSync(join(folder, name));
    chownSync(join(folder, "mail"), NOBODY, NOBODY);
    execFileSync("chown", ["postfix", join(folder, "data")]);
    const names = Object.keys(users);
    writeFileSync(join(folder, "users"), names.map((name) => `${name}:{PLAIN}${users[name]}\n`).join(""));
    writeFileSync(join(folder, "mailboxes"), names.map((name) => `${name}@${DOMAIN} ${name}\n`).join(""));
    // The ports may be taken between looking for them and using them.
    for (let attempt = 0; attempt < 5; ++attempt) {
      if (await servers.#tryToStart()) return servers;
      await servers.#end();
    }
    throw new Error(`the mail servers do not start\n${servers.logs()}`);
  }

  // False: one of them has ended.
  async #tryToStart() {
    const [smtp, imap, imaps, lmtp, auth] = await freePorts(5);
    this.ports = { smtp, imap, imaps, lmtp, auth };
    const { folder, ports } = this;
    writeFileSync(join(folder, "dovecot.conf"), dovecotConf(folder, ports, this.#mailboxes, this.#tokensOf));
    writeFileSync(join(folder, "oauth2.conf"), oauth2Conf(this.#tokensOf));
    writeFileSync(join(folder, "etc/main.cf"), mainCf(folder, ports));
    writeFileSync(join(folder, "etc/master.cf"), masterCf(ports));
    this.#run("/usr/sbin/dovecot", ["-F", "-c", join(folder, "dovecot.conf")]);
    this.#run("/usr/sbin/postfix", ["-c", join(folder, "etc"), "start-fg"]);
    const ended = () => this.#children.some(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
    await waitFor("Postfix and Dovecot", async () => {
      const said = await Promise.all([smtp, imap].map(greeting));
      return ended() || (said[0].startsWith("220") && said[1].startsWith("* OK"));
    }).catch((error) => { throw new Error(`${error.message}\n${this.logs()}`); });
    return !ended();
  }

  // As if a message had been delivered to a user: the file of a message that waits for its reader.
  deliver(user, name, message) {
    for (const part of ["", "new", "cur", "tmp"]) {
      const path = join(this.folder, "mail", user, "Maildir", part);
      mkdirSync(path, { recursive: true });
      chownSync(path, NOBODY, NOBODY);
    }
    chownSync(join(this.folder, "mail", user), NOBODY, NOBODY);
    const part = join(this.folder, "mail", user, "Maildir/tmp", name);
    writeFileSync(part, message);
    chownSync(part, NOBODY, NOBODY);
    renameSync(part, join(this.folder, "mail", user, "Maildir/new", name));
  }

  // All messages of a user, in whatever folder: [{inbox, folder, text}]; `folder` as on disk, "" is the inbox.
  messages(user) {
    const root = join(this.folder, "mail", user, "Maildir");
    const found = [];
    const look = (folder, inbox) => {
      for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
        if (!entry.isDirectory()) {
          if (!/(^|\/)(new|cur)$/.test(folder)) continue;
          try {
            const text = readFileSync(join(root, folder, entry.name), "utf8");
            found.push({ inbox, folder: /^\.([^/]*)\//.exec(folder)?.[1] ?? "", text });
          } catch { /* it was moved in between */ }
        } else if (["new", "cur"].includes(entry.name) || entry.name.startsWith(".")) {
          look(join(folder, entry.name), inbox && !entry.name.startsWith("."));
        }
      }
    };
    if (existsSync(root)) look("", true);
    return found;
  }

  #run(program, args) {
    // A group of its own: ended as a whole.
    this.#children.push(spawn(program, args, { stdio: "ignore", detached: true }));
  }

  logs() {
    return ["dovecot.log", "postfix.log"].map((name) => {
      try {
        return readFileSync(join(this.folder, name), "utf8");
      } catch {
        return "";
      }
    }).join("\n");
  }

  async stop() {
    await this.#end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #end() {
    const children = this.#children.splice(0);
    for (const child of children) {
      if (child.exitCode === null) process.kill(child.pid, "SIGTERM");
    }
    await Promise.all(children.map(async (child) => {
      await waitFor("the end of a mail server", () => child.exitCode !== null || child.signalCode !== null, 10_000)
        .catch(() => {});
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch { /* the whole group has ended */ }
    }));
  }
}
