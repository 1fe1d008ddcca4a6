"""clang-format, with the .clang-format of the tree."""

import re
import shutil
import subprocess

from checks.tree import CPP, CannotCheck, in_parallel

PROGRAM = "clang-format-14"
COMPLAINT = re.compile(r"^(.+?):(\d+):\d+: error: code should be clang-formatted", re.MULTILINE)
AT_ONCE = 20


def check(tree):
    if not shutil.which(PROGRAM):
        raise CannotCheck(f"{PROGRAM} is missing; tools/setup installs it")
    names = [name for name in tree.files("host", "sdk", "plugins", "tests", "tools", suffixes=CPP)
             if "@" not in name]  # templates are C++ only once they are filled in
    groups = [names[start:start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]

    def run(group):
        done = subprocess.run([PROGRAM, "--dry-run", "-Werror", *group], cwd=tree.root, text=True,
                              stderr=subprocess.PIPE, check=False)
        first = {}
        for name, line in COMPLAINT.findall(done.stderr):
            first.setdefault(name, line)
        if done.returncode and not first:
            raise CannotCheck(done.stderr.strip())
        return [f"{name}:{line}: clang-format -i {name}" for name, line in first.items()]

    for problems in in_parallel(run, groups):
        yield from problems
