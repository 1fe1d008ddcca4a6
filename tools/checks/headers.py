"""Each header compiles by itself, and twice; the ABI header as C11, too."""

import re
import subprocess

from checks.tree import in_parallel

FOLDERS = ("host", "sdk/include", "sdk/testing/include", "sdk/testing")
CPP_COMPILER = ("g++", "-std=c++20", "-x", "c++")
C_COMPILER = ("gcc", "-std=c11", "-x", "c")
FLAGS = ("-fsyntax-only", "-Wall", "-Wextra", "-Werror")


def check(tree):
    headers = [(CPP_COMPILER, name) for name in tree.files(*FOLDERS, suffixes=(".hpp", ".h"))]
    headers += [(C_COMPILER, name) for _, name in headers if name.endswith(".h")]

    def run(item):
        compiler, name = item
        folder = next(folder for folder in FOLDERS if name.startswith(f"{folder}/"))
        include = f'#include "{name.removeprefix(folder + "/")}"\n'
        done = subprocess.run([*compiler, *FLAGS, *(f"-I{path}" for path in FOLDERS), "-"],
                              cwd=tree.root, input=include * 2, text=True, stderr=subprocess.PIPE,
                              check=False)
        if done.returncode == 0:
            return None
        found = re.search(r"(?:fatal )?error: .*", done.stderr)
        return f"{name}:1: does not compile by itself with {compiler[0]}: " + (
            found.group() if found else done.stderr.strip())

    yield from filter(None, in_parallel(run, headers))
