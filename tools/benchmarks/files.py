"""A large file into a webhook and back out, beside dd and cat through the same loopback.

The same programs send and receive on both sides: dd reads zeros and writes into a socket; what
comes out goes to cat, into a file that is then synced, or nowhere. (dd conv=fsync as the receiver took
several times as long as cat and sync: no peer to be measured against.)
"""
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
QUIET = {"stderr": subprocess.DEVNULL}


class Host:
    """`sluice serve` with the flow of files.yaml."""

    def __init__(self, sluice, folder):
        plugins = pathlib.Path(folder) / "plugins"
        plugins.mkdir()
        here = ROOT / "tools/benchmarks"
        self.process = subprocess.Popen(
            [str(sluice), "serve", "--data", f"{folder}/data", "--plugins", str(plugins),
             "--apply", str(here / "files.yaml"), "--apply", str(here / "files-instance.yaml"),
             "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--disk-reserve-mb", "1"],
            stdout=subprocess.PIPE, text=True, **QUIET)
        first = self.process.stdout.readline()
        if not first.startswith("ready "):
            raise SystemExit("the host did not start: " + first)
        self.url = self.process.stdout.readline().split()[3]

    def memory_mib(self, field):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(field + r":\s+(\d+)", status).group(1)) / 1024

    def reset_peak(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def pump(source, sender, receiver, target):
    """Seconds of `dd source` into one end of a connection and `target` reading the other."""
    begin = time.monotonic()
    into = subprocess.Popen(["dd", *source, "bs=1M"], stdout=sender.fileno(), **QUIET)
    sender.close()
    out = subprocess.Popen(target, stdin=receiver.fileno(), stdout=subprocess.DEVNULL, **QUIET)
    receiver.close()
    if into.wait() or out.wait():
        raise SystemExit("dd or its reader failed")
    return time.monotonic() - begin


def loopback():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        sender = socket.create_connection(listener.getsockname())
        return sender, listener.accept()[0]


def peer(mib, folder):
    kept = f"{folder}/peer"
    up = pump(["if=/dev/zero", f"count={mib}"], *loopback(),
              ["sh", "-c", f"cat > '{kept}' && sync '{kept}'"])
    down = pump([f"if={kept}"], *loopback(), ["cat"])
    os.unlink(kept)
    return up, down


def through(host, mib):
    """Seconds until the answer's head has come (the file is durable, the flow has run), and from
    there to the last byte of the answer."""
    parts = urllib.parse.urlsplit(host.url)
    with socket.create_connection((parts.hostname, parts.port)) as peer_socket:
        begin = time.monotonic()
        peer_socket.sendall(
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
            f"Content-Type: application/x-zeros\r\nContent-Length: {mib << 20}\r\n\r\n".encode())
        subprocess.run(["dd", "if=/dev/zero", f"count={mib}", "bs=1M"],
                       stdout=peer_socket.fileno(), check=True, **QUIET)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += peer_socket.recv(1)
        answered = time.monotonic()
        if b" 200 " not in head.split(b"\r\n")[0] or f"Content-Length: {mib << 20}" not in str(head):
            raise SystemExit("the host answered " + head.decode())
        subprocess.run(["cat"], stdin=peer_socket.fileno(), stdout=subprocess.DEVNULL, check=True)
        return answered - begin, time.monotonic() - answered


def measure(sluice, mib, rounds):
    seen = {"peer": [], "sluice": [], "memory": [], "idle": []}
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            # In turns: who writes second may find blocks that the first has just given back.
            if number % 2 == 0:
                seen["peer"].append(peer(mib, folder))
            host = Host(sluice, folder)
            through(host, 1)  # what is set up once
            host.reset_peak()
            seen["idle"].append(host.memory_mib("VmRSS"))
            seen["sluice"].append(through(host, mib))
            seen["memory"].append(host.memory_mib("VmHWM") - seen["idle"][-1])
            host.stop()
            if number % 2 == 1:
                seen["peer"].append(peer(mib, folder))
    return seen


def report(seen, mib, rounds):
    def rate(side, direction):
        all_of = [(mib << 20) / 1e6 / pair[direction] for pair in seen[side]]
        return f"{statistics.median(all_of):,.0f} ({min(all_of):,.0f} to {max(all_of):,.0f})"
    lines = [f"One file of {mib} MiB, medians (and extremes) of {rounds} rounds, the two taking turns in going first; into a webhook "
             "with `body: blob` (on disk and fsynced before the flow runs), and back as the answer.", "",
             "| what | in, MB/s | out, MB/s |", "| --- | --- | --- |",
             f"| dd over loopback to `cat > file; sync file`, and from that file to `cat` | {rate('peer', 0)} | "
             f"{rate('peer', 1)} |",
             f"| Sluice, webhook to file, file to answer | {rate('sluice', 0)} | "
             f"{rate('sluice', 1)} |", "",
             "The disk and its neighbours move these numbers: where the two differ by less than the "
             "extremes of either, the difference says nothing.", "",
             f"Peak resident memory above idle ({statistics.median(seen['idle']):.1f} MiB): "
             f"{max(seen['memory']):.1f} MiB (target: under 64 MiB)."]
    return "\n".join(lines) + "\n"
