"""Flows that start by the clock: many at the same moment, and as many spread over a minute.

How late each starts is read from the store afterwards: when its first task began, which is once its
event is durable, against the moment that its schedule named.
"""
import datetime
import json
import pathlib
import signal
import sqlite3
import statistics
import subprocess
import tempfile
import time

FLOWS = 100  # of one integration: so many schedules has each instance
SUCCEEDED = 3  # store::event_state
SPREAD_FROM_MS, SPREAD_STEP_MS = 50_000, 200


def manifest(trigger_of):
    lines = ['manifest: "1"', "integration: { namespace: bench, name: clock, version: 1.0.0 }", "flows:"]
    for flow in range(FLOWS):
        lines += [f"  at-{flow}:", f"    trigger: {{ schedule: {{ {trigger_of(flow)} }} }}",
                  "    do: [{ note: { set: { nominal: '${ $trigger.nominal }' } } }]"]
    return "\n".join(lines) + "\n"


TIMES = {
    "together": lambda flow: 'cron: "* * * * *"',
    "spread": lambda flow: f"every: {{ milliseconds: {SPREAD_FROM_MS + SPREAD_STEP_MS * flow} }}",
}


def write_files(folder, which, instances):
    (folder / "integration.yaml").write_text(manifest(TIMES[which]))
    apply = ["--apply", str(folder / "integration.yaml")]
    for one in range(instances):
        path = folder / f"clock-{one}.yaml"
        path.write_text(f"instance: clock-{one}\ncustomer: customer-{one}\nintegration: bench/clock\n")
        apply += ["--apply", str(path)]
    return apply


def milliseconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000


def ticks(data):
    """[(nominal, begun)] of all starts, in ms since 1970, and how many have succeeded."""
    with sqlite3.connect(f"file:{data}/sluice.db?mode=ro", uri=True) as store:
        rows = store.execute("SELECT body.payload, step.started_ms, event.state FROM event "
                             "JOIN body ON body.event = event.id "
                             "JOIN step ON step.event = event.id WHERE event.kind = 'schedule'")
        found, moments, succeeded = [], {}, 0
        for payload, begun, state in rows:
            text = json.loads(payload)["nominal"]
            if text not in moments:
                moments[text] = milliseconds(text)
            found.append((moments[text], begun))
            succeeded += state == SUCCEEDED
        return found, succeeded


def accepted(data):
    with sqlite3.connect(f"file:{data}/sluice.db?mode=ro", uri=True) as store:
        return store.execute("SELECT count(*) FROM event").fetchone()[0]


def memory_mib(process):
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024


def run(sluice, which, count):
    instances = max(count // FLOWS, 1)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        files, data = folder / "files", folder / "data"
        files.mkdir()
        (folder / "plugins").mkdir()
        begin = time.monotonic()
        # (To files: nobody would read a pipe to its end, and a thousand instances fill it.)
        with open(folder / "log", "w") as log, open(folder / "told", "w") as told:
            process = subprocess.Popen(
                [str(sluice), "serve", "--data", str(data), "--plugins", str(folder / "plugins"),
                 *write_files(files, which, instances), "--listen", "127.0.0.1:0",
                 "--admin-listen", "127.0.0.1:0", "--disk-reserve-mb", "1"],
                stdout=told, stderr=log)
        try:
            while not (folder / "told").read_text().startswith("ready "):
                if process.poll() is not None or time.monotonic() > begin + 60:
                    raise SystemExit("the host did not start:\n" +
                                     (folder / "log").read_text()[-2000:])
                time.sleep(0.02)
            ready_s = time.monotonic() - begin
            # Every schedule comes within its first interval; a last one may begin just before.
            deadline = time.monotonic() + 180
            while accepted(data) < instances * FLOWS and time.monotonic() < deadline:
                time.sleep(0.5)
            time.sleep(2)
            peak = memory_mib(process)
            process.send_signal(signal.SIGTERM)
            if process.wait(90) != 0:
                raise SystemExit("the host did not end in order:\n" +
                                 (folder / "log").read_text()[-2000:])
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        found, succeeded = ticks(data)
    late = sorted(begun - nominal for nominal, begun in found)
    busiest = max({moment for moment, _ in found},
                  key=lambda moment: sum(1 for at, _ in found if at == moment)) if which == "together" else 0
    burst = [begun for at, begun in found if at == busiest]
    return {"schedules": instances * FLOWS, "ready_s": ready_s, "started": len(found),
            "succeeded": succeeded, "p50": statistics.median(late), "p99": late[len(late) * 99 // 100],
            "most": late[-1], "peak": peak,
            "rate": len(burst) / ((max(burst) - busiest) / 1000) if burst else 0}


def measure(sluice, count, bare_rate):
    """`bare_rate`: gives the events per second of the bare group-commit loop, now."""
    seen = {which: run(sluice, which, count) for which in TIMES}
    seen["bare"] = bare_rate()
    return seen


def report(seen):
    def row(name, one):
        return (f"| {name} | {one['schedules']:,} | {one['started']:,} | {one['succeeded']:,} | "
                f"{one['p50']:,.0f} ms | {one['p99']:,.0f} ms | {one['most']:,.0f} ms | "
                f"{one['peak']:,.0f} MiB | {one['ready_s']:.1f} s |")
    spread_s = SPREAD_FROM_MS / 1000, (SPREAD_FROM_MS + SPREAD_STEP_MS * (FLOWS - 1)) / 1000
    together = seen["together"]
    return "\n".join([
        f"Instances with {FLOWS} scheduled flows each, on a host that has just started. Late is the "
        "time from the moment that a schedule names until its event is durable and its first task "
        "begins; each flow computes one value.", "",
        "| when | schedules | starts | succeeded | late, p50 | p99 | most | peak memory | "
        "applied and ready after |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        row("all in the same moment (`* * * * *`)", together),
        row(f"`every` {spread_s[0]:.0f} to {spread_s[1]:.0f} s, {FLOWS} moments", seen["spread"]), "",
        f"All in the same moment is a burst: {together['rate']:,.0f} starts per second until the last, "
        f"{together['rate'] / seen['bare']:.2f} of what the bare group-commit loop of the same run "
        f"writes ({seen['bare']:,.0f} events per second)."]) + "\n"
