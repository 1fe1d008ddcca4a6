"""A large CSV file read row by row: Sluice's connector csv beside Python's module csv.

Both read the same file, written before. Python counts rows of csv.reader (lists) and csv.DictReader
(objects by header, which is what Sluice makes). Sluice first copies the file into its own store, since
that is what a flow does; the time of the copy alone is measured and shown.
"""
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PEER = """
import csv, sys
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    rows = csv.DictReader(file) if sys.argv[2] == "objects" else csv.reader(file)
    print(sum(1 for _ in rows))
"""


def write_file(path, mib):
    """Rows of eight columns, one in ten with quotes and a line end inside. The number of rows."""
    rows = 0
    block = []
    with open(path, "wb") as file:
        file.write(b"id,name,street,city,country,amount,paid,note\r\n")
        while file.tell() < mib << 20:
            block.clear()
            for _ in range(10_000):
                note = '"said ""yes"",\nthen left"' if rows % 10 == 0 else "nothing of interest"
                block.append(f"{rows},Ada Lovelace,12 St James's Square,London,GB,"
                             f"{rows % 1000}.{rows % 100:02},true,{note}\r\n")
                rows += 1
            file.write("".join(block).encode())
    return rows


class Host:
    """`sluice serve` with the flows of csv.yaml."""

    def __init__(self, sluice, connectors, folder):
        here = ROOT / "tools/benchmarks"
        plugins = pathlib.Path(folder) / "plugins"
        plugins.mkdir()
        for name in ("csv", "files"):
            shutil.copy(pathlib.Path(connectors) / f"{name}.so", plugins)
        self.process = subprocess.Popen(
            [str(sluice), "serve", "--data", f"{folder}/data", "--plugins", str(plugins),
             "--apply", str(here / "csv.yaml"), "--apply", str(here / "csv-instance.yaml"),
             "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--disk-reserve-mb", "1"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=dict(os.environ, BENCH_FOLDER=folder))
        first = self.process.stdout.readline()
        if not first.startswith("ready "):
            raise SystemExit("the host did not start: " + first)
        self.hooks = {}
        while len(self.hooks) < 3:
            words = self.process.stdout.readline().split()
            if words and words[0] == "hook":
                self.hooks[words[2]] = words[3]

    def run(self, flow):
        begin = time.monotonic()
        request = urllib.request.Request(self.hooks[flow], data=b"{}", method="POST")
        with urllib.request.urlopen(request, timeout=3600) as answer:
            rows = int(re.search(rb'"rows":\s*(\d+)', answer.read()).group(1))
        return time.monotonic() - begin, rows

    def memory_mib(self, field):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(field + r":\s+(\d+)", status).group(1)) / 1024

    def reset_peak(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def peer(path, kind):
    begin = time.monotonic()
    out = subprocess.run([sys.executable, "-c", PEER, str(path), kind], check=True, text=True,
                         capture_output=True).stdout
    return time.monotonic() - begin, int(out) - (kind == "lists")


def measure(sluice, connectors, mib, rounds):
    seen = {"lists": [], "objects": [], "copy": [], "count": [], "batches": [], "memory": []}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "large.csv"
        rows = write_file(path, mib)
        host = Host(sluice, connectors, folder)
        for _ in range(rounds):
            for kind in ("lists", "objects"):
                seconds, found = peer(path, kind)
                assert found == rows, (kind, found, rows)
                seen[kind].append(seconds)
            seen["copy"].append(host.run("copy")[0])
            idle = host.memory_mib("VmRSS")
            host.reset_peak()
            for flow in ("count", "batches"):
                seconds, found = host.run(flow)
                assert found == rows, (flow, found, rows)
                seen[flow].append(seconds)
            seen["memory"].append(host.memory_mib("VmHWM") - idle)
        host.stop()
    return seen | {"rows": rows, "mib": mib}


def report(seen, rounds):
    mib, rows = seen["mib"], seen["rows"]
    copy = statistics.median(seen["copy"])
    named = (("Python csv.reader: lists", "lists", 0),
             ("Python csv.DictReader: objects", "objects", 0),
             ("Sluice csv.inspect: every row checked and counted, less the copy", "count", copy),
             ("Sluice csv.parse: objects, ten thousand a step, into a flow, less the copy", "batches",
              copy))
    lines = [f"One run of `tools/bench csv --mib {mib} --rounds {rounds}`: {rows:,} rows of eight columns, "
             f"one in ten with quotes and a line end inside; medians of {rounds} rounds, in turns. A flow"
             f" first copies the file into Sluice's store; that alone takes {copy:.1f} s.", "",
             "| what | seconds | MiB/s | rows/s |", "| --- | --- | --- | --- |"]
    for title, key, less in named:
        seconds = max(statistics.median(seen[key]) - less, 1e-3)
        lines.append(f"| {title} | {seconds:.1f} | {mib / seconds:,.0f} | {rows / seconds:,.0f} |")
    lines += ["", f"Peak memory above idle while Sluice reads: {max(seen['memory']):.0f} MiB (target:"
                  " under 64 MiB)."]
    return "\n".join(lines)
