"""No source file over 600 lines: one subject per file."""

from checks.tree import SOURCE

MOST = 600


def check(tree):
    for name in tree.files(suffixes=SOURCE):
        lines = tree.text(name).count("\n")
        if lines > MOST:
            yield f"{name}:{MOST}: {lines} lines, at most {MOST}; split it by subject"
