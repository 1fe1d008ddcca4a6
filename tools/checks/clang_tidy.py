"""clang-tidy, with the .clang-tidy of the tree."""

import json
import re
import shutil
import subprocess

from checks.tree import TESTS, CannotCheck, in_parallel

PROGRAM = "clang-tidy-14"
# A build folder of its own, configured only: clang-tidy cannot read what GCC's flags ask for.
BUILD = "build/tidy"
CONFIGURE = ("cmake", "-S", ".", "-B", BUILD, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
             "-DCMAKE_C_COMPILER=clang-14", "-DCMAKE_CXX_COMPILER=clang++-14",
             "-DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
             "-DSLUICE_BENCH=ON", "-DSLUICE_TOGETHER=OFF")
COMPLAINT = re.compile(r"^(.+?):(\d+):\d+: (?:error|warning): (.*)$", re.MULTILINE)


def check(tree):
    if not shutil.which(PROGRAM):
        raise CannotCheck(f"{PROGRAM} is missing; tools/setup installs it")
    names = tree.files("host", "sdk", "plugins", "tests", suffixes=(".cpp", ".c"))
    if not names:
        return
    _configure(tree.root)
    known = {entry["file"] for entry in json.loads(
        (tree.root / BUILD / "compile_commands.json").read_text())}
    compiled = [name for name in names if str(tree.root / name) in known]

    def run(name):
        checks = ["--checks=-performance-*"] if TESTS.search(name) else []
        done = subprocess.run([PROGRAM, "--quiet", *checks, "-p", BUILD, name], cwd=tree.root,
                              text=True, capture_output=True, check=False)
        found = [(path.removeprefix(f"{tree.root}/"), line, message)
                 for path, line, message in COMPLAINT.findall(done.stdout)]
        if done.returncode and not found:
            found = [(name, "1", f"{PROGRAM} failed: {done.stderr.strip()[-500:]}")]
        return [f"{path}:{line}: {message}" for path, line, message in found]

    # A header's problem shows in each file that includes it.
    seen = set()
    for problems in in_parallel(run, compiled):
        new = [problem for problem in problems if problem not in seen]
        seen.update(new)
        yield from new


def _configure(root):
    done = subprocess.run(CONFIGURE, cwd=root, text=True, capture_output=True, check=False)
    if done.returncode:
        raise CannotCheck(f"{' '.join(CONFIGURE)}: {done.stderr.strip()[-500:]}")
