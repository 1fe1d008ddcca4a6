"""The files a check looks at, and how C++ text is read by the cheap ones."""

import concurrent.futures
import os
import re
import subprocess

CPP = (".cpp", ".hpp", ".c", ".h")
TESTS = re.compile(r"_(test|slow_test|bench|testing)\.(cpp|hpp)$|/(tests?|testing)/")
SOURCE = (*CPP, ".py", ".js", ".mjs", ".ts", ".sh", ".cmake")


class CannotCheck(Exception):
    """The check itself could not be made: a tool is missing, a commit does not exist."""


class Tree:
    """`since`: only files that differ from that commit; `under`: only files in that folder.
    `complete`: all files are there."""

    def __init__(self, root, since=None, under=None):
        self.root = root
        self.looked_at = 0
        self.complete = since is None and under is None
        self._names = self._tracked_or_new() if (root / ".git").exists() else self._walk()
        if since is not None:
            changed = set(self._git("diff", "--name-only", "--relative", since))
            changed.update(self._git("ls-files", "--others", "--exclude-standard"))
            self._names = [name for name in self._names if name in changed]
        if under is not None:
            self._names = [name for name in self._names if name.startswith(f"{under}/")]

    def files(self, *folders, suffixes=None):
        """Paths relative to the root, in folders (all if none), sorted."""
        chosen = [name for name in self._names
                  if (not folders or name.startswith(tuple(f"{folder}/" for folder in folders)))
                  and (suffixes is None or name.endswith(suffixes))]
        self.looked_at += len(chosen)
        return chosen

    def text(self, name):
        return (self.root / name).read_text(encoding="utf-8", errors="replace")

    def _tracked_or_new(self):
        names = set(self._git("ls-files", "--cached", "--others", "--exclude-standard"))
        return sorted(name for name in names if (self.root / name).is_file())

    def _walk(self):
        return sorted(os.path.relpath(os.path.join(folder, name), self.root)
                      for folder, _, names in os.walk(self.root) for name in names)

    def _git(self, *command):
        done = subprocess.run(["git", "-C", self.root, *command], text=True, capture_output=True,
                              check=False)
        if done.returncode:
            raise CannotCheck(done.stderr.strip())
        return done.stdout.splitlines()


def in_parallel(work, items):
    """work(item) for each, on all cores; yields the results in order, as they come."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(work, items)


_NOT_CODE = re.compile(
    r'R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)"'   # raw string
    r'|"(?:\\.|[^"\\\n])*"'                           # string
    r"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])*'"          # character, but not 1'000
    r"|//[^\n]*|/\*.*?\*/", re.DOTALL)


def code_lines(text):
    """(line number, line) with comments and the inside of literals blanked."""
    def blank(found):
        return '""' + "\n" * found.group().count("\n")
    return enumerate(_NOT_CODE.sub(blank, text).split("\n"), 1)


_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def includes(text):
    """(line number, "<" or '"', name) of each include."""
    for found in _INCLUDE.finditer(text):
        yield text.count("\n", 0, found.start(2)) + 1, found.group(1), found.group(2)
