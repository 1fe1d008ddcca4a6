"""Executions that wait for a slow third party, all of them at once in one process.

First for a connector in the same process that answers by a timer, then over loopback HTTP, as many
as there may be open files.
"""
import asyncio
import json
import os
import pathlib
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "tools/benchmarks"
CONNECTIONS = 32
SPARE_FILES = 1000  # of the store, the senders and everything else


class Host:
    def __init__(self, sluice, folder, server, most):
        self.data = pathlib.Path(folder) / "data"
        self.log = open(pathlib.Path(folder) / "log", "w")
        self.process = subprocess.Popen(
            [str(sluice), "serve", "--data", str(self.data),
             "--plugins", str(pathlib.Path(sluice).parent.parent / "bench-connectors"),
             "--apply", str(HERE / "inflight.yaml"), "--apply", str(HERE / "inflight-instance.yaml"),
             "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--disk-reserve-mb", "1",
             "--running", str(most), "--running-per-instance", str(most),
             "--connections-per-host", str(most), "--allow-egress", server.split("//")[1]],
            stdout=subprocess.PIPE, stderr=self.log, text=True, env=dict(os.environ, BENCH_SERVER=server))
        first = self.process.stdout.readline()
        if not first.startswith("ready "):
            raise SystemExit("the host did not start: " + first)
        self.hooks = {}
        for _ in range(3):
            _, _, flow, url = self.process.stdout.readline().split()
            self.hooks[flow] = url

    def memory_mib(self, field):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(field + r":\s+(\d+)", status).group(1)) / 1024

    def connector_count(self):
        request = urllib.request.Request(self.hooks["count"], b"{}", {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(90) != 0:
            raise SystemExit("the host did not end in order")

    def outcomes(self, flow):
        """How many executions ended how, from the store's file, after stop()."""
        with sqlite3.connect(f"file:{self.data}/sluice.db?mode=ro", uri=True) as store:
            return dict(store.execute(
                "SELECT state, count(*) FROM event WHERE flow = ? GROUP BY state", (flow,)))


SUCCEEDED = 3  # store::event_state


class Sender(asyncio.Protocol):
    """One connection that sends the same request again as soon as it is answered."""

    def __init__(self, request, left, over):
        self.request, self.left, self.over = request, left, over
        self.answer = b""

    def connection_made(self, transport):
        self.transport = transport
        self.send()

    def send(self):
        if self.left[0] == 0:
            self.transport.close()
            return
        self.left[0] -= 1
        self.transport.write(self.request)

    def data_received(self, data):
        self.answer += data
        head, end, rest = self.answer.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(re.search(rb"content-length: (\d+)", head, re.IGNORECASE).group(1))
        if len(rest) < length:
            return
        if not head.startswith(b"HTTP/1.1 202"):
            raise SystemExit("the host answered " + head.decode())
        self.answer = b""
        self.send()

    def connection_lost(self, why):
        self.over.set_result(None)


def send(url, body, count):
    """So many events, each of which is accepted."""
    parts = urllib.parse.urlsplit(url)
    request = (f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
               "Content-Type: application/json\r\n"
               f"Content-Length: {len(body)}\r\n\r\n{body}").encode()

    async def all_of_them():
        loop = asyncio.get_running_loop()
        left = [count]
        ends = [loop.create_future() for _ in range(CONNECTIONS)]
        for end in ends:
            await loop.create_connection(lambda e=end: Sender(request, left, e), parts.hostname,
                                         parts.port)
        await asyncio.gather(*ends)
    asyncio.run(all_of_them())


def run(sluice, flow, count, hold_s, folder, server, read_count):
    host = Host(sluice, folder, server, 3 * count)  # an instance gets what is still free
    try:
        return load(host, flow, count, hold_s, read_count)
    finally:
        if host.process.poll() is None:
            host.process.kill()
            host.process.wait()


def load(host, flow, count, hold_s, read_count):
    idle = host.memory_mib("VmRSS")
    begin = time.monotonic()
    body = json.dumps({"ms": hold_s * 1000})
    send(host.hooks[flow], body, count)
    accepted_s = time.monotonic() - begin
    deadline = begin + hold_s * 2 + 240
    most = 0
    while time.monotonic() < deadline:
        seen = read_count(host)
        most = max(most, seen["most"])
        if seen["most"] > 0 and seen["now"] == 0:
            break
        time.sleep(0.5)
    peak = host.memory_mib("VmHWM")
    took = time.monotonic() - begin
    host.stop()
    ended = host.outcomes(flow)
    return {"sent": count, "most": most, "idle": idle, "peak": peak, "accepted_s": accepted_s,
            "took": took, "succeeded": ended.get(SUCCEEDED, 0), "all": sum(ended.values()),
            "hold_s": hold_s}


def measure(sluice, count, hold_s, http_hold_s):
    with tempfile.TemporaryDirectory() as folder:
        inside = run(sluice, "connector", count, hold_s, folder, "http://127.0.0.1:9",
                     Host.connector_count)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE_FILES
    server = subprocess.Popen([sys.executable, "-B", str(HERE / "holding_server.py"), str(http_hold_s)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    url = f"http://127.0.0.1:{int(server.stdout.readline())}"

    def ask(_):
        with urllib.request.urlopen(url + "/count", timeout=60) as answer:
            return json.load(answer)
    with tempfile.TemporaryDirectory() as folder:
        http = run(sluice, "http", min(files, count), http_hold_s, folder, url, ask)
    server.stdin.close()
    server.wait(30)
    return {"connector": inside, "http": http, "files": files + SPARE_FILES}


def report(seen):
    def row(name, one):
        each = (one["peak"] - one["idle"]) * 1024 / max(one["most"], 1)
        return (f"| {name} | {one['sent']:,} | {one['most']:,} | {one['hold_s']} s | "
                f"{one['peak']:,.0f} MiB | {each:.1f} KiB | {one['succeeded']:,} of {one['all']:,} | "
                f"{one['accepted_s']:.0f} s | {one['took']:.0f} s |")
    return "\n".join([
        "Each execution waits for one answer of a slow third party. It answers later than the last "
        "event comes in, so that all of them are in flight at once; the third party itself counts "
        "how many.", "",
        "| third party | events | in flight at once | it answers after | peak memory | each | "
        "succeeded | all accepted after | all over after |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        row("a connector in the process, by a timer", seen["connector"]),
        row(f"a server over loopback HTTP ({seen['files']:,} open files allowed)", seen["http"]), "",
        "The targets: 100,000 in flight, under 1,024 MiB, none lost."]) + "\n"
