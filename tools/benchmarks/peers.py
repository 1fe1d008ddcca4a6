"""Sluice beside Node-RED: the same two jobs, each server on one core, in turns.

The load generator and the downstream have the other core. Node-RED keeps nothing; Sluice has every
event on disk before it answers, unless the row says otherwise.
"""
import contextlib
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "tools/benchmarks"
SERVER_CORE, LOAD_CORE = "0", "1"
# Node-RED 5 needs a newer Node.js than Debian has; npm has one.
PACKAGES = ["node-red@5.0.7", "node@22"]
TARGETS = {"kept": 2.5, "unrecorded": 5.0, "passed": 6.0}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(url, body):
    request = urllib.request.Request(url, body.encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, json.load(answer)


def wait_for(url, body, what):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            return ask(url, body)
        except OSError:
            time.sleep(0.1)
    raise SystemExit(what + " did not start")


def stop(process):
    process.send_signal(signal.SIGCONT)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def install_node_red(folder):
    home = pathlib.Path(folder) / "node-red"
    home.mkdir()
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(home),
                    *PACKAGES], check=True, stdout=subprocess.DEVNULL)
    return home


def start_node_red(home, downstream, log):
    port = free_port()
    (home / "settings.js").write_text(
        "module.exports = {uiHost: '127.0.0.1', uiPort: %d, httpAdminRoot: false, "
        "logging: {console: {level: 'warn', metrics: false, audit: false}}};\n" % port)
    flows = (HERE / "node-red-flows.json").read_text().replace("BENCH_DOWNSTREAM", downstream)
    (home / "flows.json").write_text(flows)
    process = subprocess.Popen(
        ["taskset", "-c", SERVER_CORE, str(home / "node_modules/node/bin/node"),
         str(home / "node_modules/node-red/red.js"), "-u", str(home), "-s",
         str(home / "settings.js"), str(home / "flows.json")],
        stdout=log, stderr=log, env=dict(os.environ, NODE_ENV="production"))
    url = f"http://127.0.0.1:{port}"
    return process, {"kept": url + "/w1", "passed": url + "/w2"}


def version_of(home):
    return json.loads((home / "node_modules/node-red/package.json").read_text())["version"]


def start_sluice(sluice, folder, downstream, log):
    plugins = pathlib.Path(folder) / "plugins"
    plugins.mkdir()
    process = subprocess.Popen(
        ["taskset", "-c", SERVER_CORE, str(sluice), "serve", "--data", f"{folder}/data",
         "--plugins", str(plugins), "--apply", str(HERE / "peers.yaml"),
         "--apply", str(HERE / "peers-instance.yaml"), "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
         # (A stopped server still holds the places of requests whose sender has gone.)
         "--requests-per-endpoint", "256", "--disk-reserve-mb", "1", "--allow-egress", downstream.split("/")[2]],
        stdout=subprocess.PIPE, stderr=log, text=True, env=dict(os.environ, BENCH_DOWNSTREAM=downstream))
    if not process.stdout.readline().startswith("ready "):
        raise SystemExit("the host did not start")
    lines = [process.stdout.readline().split() for _ in range(3)]
    return process, {flow: url for _, _, flow, url in lines}


def measure(sluice, wrk, nginx, payload, seconds, rounds):
    """`wrk` and `nginx` are those of tools/bench; what they start is pinned like this process."""
    os.sched_setaffinity(0, {int(LOAD_CORE)})
    body = json.dumps(dict(json.loads(payload), event="issues", filler=""))
    body = json.dumps(dict(json.loads(body), filler="x" * (1024 - len(body))))
    headers = {"Content-Type": "application/json"}
    seen = {"node-red": {"kept": [], "passed": []}, "sluice": {name: [] for name in TARGETS},
            "nginx": []}
    with tempfile.TemporaryDirectory() as folder, open(f"{folder}/log", "w") as log:
        home = install_node_red(folder)
        seen["version"] = version_of(home)
        with contextlib.ExitStack() as running:
            peer, downstream = nginx(folder)
            running.callback(peer.stop)
            red, red_urls = start_node_red(home, downstream, log)
            running.callback(stop, red)
            host, host_urls = start_sluice(sluice, folder, downstream, log)
            running.callback(stop, host)
            compare(red_urls, host_urls, body)
            # A round that does not count: Node.js compiles what runs often.
            for number in range(-1, rounds):
                for side, urls, busy, idle in (("node-red", red_urls, red, host),
                                               ("sluice", host_urls, host, red)):
                    idle.send_signal(signal.SIGSTOP)  # neither disturbs the other
                    for flow in seen[side]:
                        before = cpu_seconds(busy)
                        load = wrk(urls[flow], seconds, folder, body, headers)
                        load["cpu"] = (cpu_seconds(busy) - before) / seconds
                        if number >= 0:
                            seen[side][flow].append(load)
                    idle.send_signal(signal.SIGCONT)
                seen["nginx"].append(wrk(downstream, seconds, folder, body, headers))
    return seen


def compare(theirs, ours, body):
    """Both do the work: the same answers, on each way through the flows."""
    other = json.dumps(dict(json.loads(body), event="other"))
    for flow, sent in (("kept", body), ("passed", body), ("passed", other)):
        expected = wait_for(theirs[flow], sent, "Node-RED")
        got = ask(ours[flow], sent)
        if expected != got:
            raise SystemExit(f"{flow}: Node-RED answers {expected}, Sluice {got}")
    if ask(ours["unrecorded"], body) != ask(ours["kept"], body):
        raise SystemExit("the two flows of W1 differ")


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report(seen, seconds, rounds):
    def rates(entries):
        all_of = [entry["rate"] for entry in entries]
        return f"{statistics.median(all_of):,.0f} ({min(all_of):,.0f} to {max(all_of):,.0f})"

    def median(entries, key):
        return statistics.median(entry[key] for entry in entries)

    def rows(job, flow, name):
        peer = seen["node-red"]["passed" if flow == "passed" else "kept"]
        ours = seen["sluice"][flow]
        ratio = median(ours, "rate") / median(peer, "rate")
        return (f"| {job} | {name} | {rates(ours)} | {median(ours, 'p50'):.1f} | "
                f"{median(ours, 'p99'):.1f} | {median(ours, 'cpu'):.0%} | {ratio:.2f} | {TARGETS[flow]} |")

    def peer_row(job, flow):
        peer = seen["node-red"][flow]
        return (f"| {job} | Node-RED {seen['version']}, nothing on disk | {rates(peer)} | "
                f"{median(peer, 'p50'):.1f} | {median(peer, 'p99'):.1f} | "
                f"{median(peer, 'cpu'):.0%} | 1.00 | |")
    return "\n".join([
        f"One run of `tools/bench peers --seconds {seconds} --rounds {rounds}`: each server on one "
        "core, load (wrk, 64 connections, bodies of 1 KB) and downstream (nginx) on the other; "
        "medians and extremes of the rounds after one that does not count, in turns, the other server "
        "stopped meanwhile; both answer with equal JSON. W1: webhook, three fields (in Node-RED a "
        "change node, which is quicker than a function), synchronous reply. W2: webhook, branch on "
        "`event`, POST to a downstream, reply with its status.", "",
        "| job | server | requests/s | p50 ms | p99 ms | of its core | against Node-RED | target |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        peer_row("W1", "kept"), rows("W1", "kept", "Sluice, every event on disk"),
        rows("W1", "unrecorded", "Sluice, `record: none`"), peer_row("W2", "passed"),
        rows("W2", "passed", "Sluice, every event on disk"), "",
        f"What the load generator reaches at nginx on its own core, the downstream's work included: "
        f"{rates(seen['nginx'])}."]) + "\n"
