"""Nothing in the tree may depend on, or tell about, the machine it was written on."""

import re

MACHINE = re.compile(r"(?<![\w.$}*-])/(?:work|farm|root|home/\w+|Users/\w+|tmp/[a-z0-9]+-[0-9]+)/\w")
REGISTRY = re.compile(r'"resolved"\s*:\s*"http|^[ \t]*(?:@?\w*:)?registry[ \t]*='
                      r"|\b(?:registry\.\w+\.(?:org|com)|pypi\.(?:org|python)|deb\.debian\.org"
                      r"|proxy\.golang\.org|static\.crates\.io|index\.crates\.io)\b", re.MULTILINE)
TEXT_LIMIT = 4 * 1024 * 1024


def check(tree):
    for name in tree.files():
        if (tree.root / name).stat().st_size > TEXT_LIMIT:
            continue
        text = tree.text(name)
        for pattern, what in ((MACHINE, "a path of somebody's machine"),
                              (REGISTRY, "the host of a package registry")):
            for found in pattern.finditer(text):
                line = text.count("\n", 0, found.start()) + 1
                yield f"{name}:{line}: {what}: {found.group().strip()}"
