"""A large file from an OpenSSH server and back to it, beside OpenSSH's own `sftp`.

Both sides talk to the same server, keep what they fetch in the same file system, and sync it; both ask
the server to sync what it gets. The times of `sftp` have its log-in in them.
"""
import getpass
import json
import os
import pathlib
import pwd
import re
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


class Sshd:
    """A server of its own. Log-ins are not root's, whoever runs this."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.files = self.folder / "files"
        self.files.mkdir()
        os.chmod(self.folder, 0o755)
        self.user = getpass.getuser()
        if os.geteuid() == 0:
            self.user = "nobody"
            os.makedirs("/run/sshd", exist_ok=True)  # sshd insists
            os.chown(self.files, pwd.getpwnam("nobody").pw_uid, -1)
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-N", "", "-t", "ed25519", "-f", str(self.folder / name)], check=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.config = self.folder / "sshd_config"
        self.config.write_text(
            f"HostKey {self.folder}/host\nListenAddress 127.0.0.1\nPort {self.port}\nPidFile none\nStrictModes no\n"
            f"UsePAM no\nUseDNS no\nAuthorizedKeysFile {self.folder}/user.pub\n"
            f"Subsystem sftp internal-sftp -d {self.files}\n")
        known = (self.folder / "host.pub").read_text()
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {known}")
        self.process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", str(self.config)], **QUIET)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise SystemExit("sshd did not start")
                time.sleep(0.05)

    def environment(self):
        return {"SFTP_PORT": str(self.port), "SFTP_USER": self.user,
                "SFTP_KEY": (self.folder / "user").read_text(),
                "SFTP_HOST_KEY": (self.folder / "host.pub").read_text()}

    def openssh(self, command):
        """Seconds that `sftp` takes for a command."""
        begin = time.monotonic()
        subprocess.run(["sftp", "-b", "-", "-P", str(self.port), "-i", str(self.folder / "user"),
                        "-o", f"UserKnownHostsFile={self.folder}/known_hosts", "-o", "IdentityAgent=none",
                        "-F", "none", f"{self.user}@127.0.0.1"], input=command + "\n", text=True, check=True, **QUIET)
        return time.monotonic() - begin

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


class Host:
    def __init__(self, sluice, connectors, folder, environment):
        self.sluice = str(sluice)
        self.data = f"{folder}/data"
        here = ROOT / "tools/benchmarks"
        self.process = subprocess.Popen(
            [self.sluice, "serve", "--data", self.data, "--plugins", str(connectors),
             "--apply", str(here / "sftp.yaml"), "--apply", str(here / "sftp-instance.yaml"),
             "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--disk-reserve-mb", "1"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=dict(os.environ, **environment))
        first = self.process.stdout.readline()
        if not first.startswith("ready "):
            raise SystemExit("the host did not start: " + first)
        line = ""
        while not line.startswith("hook "):
            line = self.process.stdout.readline()
        self.url = line.split()[3]

    def memory_mib(self, field):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(field + r":\s+(\d+)", status).group(1)) / 1024

    def reset_peak(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def ask(self, *arguments):
        out = subprocess.run([self.sluice, *arguments, "--data", self.data, "--json"], check=True,
                             capture_output=True, text=True).stdout
        return json.loads(out)

    def both_ways(self):
        """What the flow says of itself."""
        request = urllib.request.Request(self.url, data=b"{}", headers={"Content-Type": "application/json"})
        execution = json.loads(urllib.request.urlopen(request, timeout=30).read())["execution"]
        deadline = time.monotonic() + 1800
        while time.monotonic() < deadline:
            found = self.ask("execution", "show", execution)
            if found["state"] == "succeeded":
                return found["output"]
            if found["state"] not in ("ready", "running", "waiting"):
                raise SystemExit(f"the flow ended as {found['state']}: {found.get('error')}")
            time.sleep(0.2)
        raise SystemExit("the flow did not end within half an hour")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def fill(path, mib):
    subprocess.run(["dd", "if=/dev/urandom", f"of={path}", "bs=1M", f"count={mib}"], check=True, **QUIET)
    os.chmod(path, 0o666)


def peer(server, mib, folder):
    kept = f"{folder}/kept"
    down = server.openssh(f"get -f big {kept}")
    up = server.openssh(f"put -f {kept} peer")
    os.unlink(kept)
    return down, up


def through(host):
    said = host.both_ways()
    return said["download"], said["upload"]


def measure(sluice, connectors, mib, rounds):
    seen = {"peer": [], "sluice": [], "memory": [], "idle": []}
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            here = pathlib.Path(folder) / "server"
            here.mkdir()
            os.chmod(folder, 0o755)
            server = Sshd(here)
            host = Host(sluice, connectors, folder, server.environment())
            fill(server.files / "big", 1)
            through(host)  # what is set up once
            fill(server.files / "big", mib)
            # In turns: who comes second may find the caches as the first has left them.
            if number % 2 == 0:
                seen["peer"].append(peer(server, mib, folder))
            host.reset_peak()
            seen["idle"].append(host.memory_mib("VmRSS"))
            seen["sluice"].append(through(host))
            seen["memory"].append(host.memory_mib("VmHWM") - seen["idle"][-1])
            if subprocess.run(["cmp", str(server.files / "big"), str(server.files / "back")]).returncode:
                raise SystemExit("what came back is something else")
            if number % 2 == 1:
                seen["peer"].append(peer(server, mib, folder))
            host.stop()
            server.stop()
    return seen


def report(seen, mib, rounds):
    def rate(side, direction):
        all_of = [(mib << 20) / 1e6 / pair[direction] for pair in seen[side]]
        return f"{statistics.median(all_of):,.0f} ({min(all_of):,.0f} to {max(all_of):,.0f})"
    lines = [f"One file of {mib} MiB from an OpenSSH server on this machine and back to it, medians (and extremes) of "
             f"{rounds} rounds (`tools/bench sftp --mib {mib} --rounds {rounds}`), the two taking turns in going "
             "first; synced on both sides.", "",
             "| what | fetched, MB/s | put, MB/s |", "| --- | --- | --- |",
             f"| OpenSSH's `sftp`, `get -f` and `put -f`, with its log-in | {rate('peer', 0)} | {rate('peer', 1)} |",
             f"| Sluice, `sftp.download` and `sftp.upload` in one flow | {rate('sluice', 0)} | {rate('sluice', 1)} |", "",
             f"Peak resident memory above idle ({statistics.median(seen['idle']):.1f} MiB): "
             f"{max(seen['memory']):.1f} MiB (target: under 64 MiB)."]
    return "\n".join(lines) + "\n"
