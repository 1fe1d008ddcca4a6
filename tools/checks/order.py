"""Modules of the host depend downward only, and connectors on the SDK alone."""

from checks.tree import CPP, includes

ORDER = ("base", "json", "expression", "manifest", "net", "store", "plugin", "runner", "engine",
         "instance", "trigger", "api", "cli")
# Headers of the SDK without its C++ types, whose names are also those of the host.
SHARED = ("sluice/abi.h", "sluice/check_child.hpp", "sluice/detail/svg_rules.hpp")


def check(tree):
    for name in tree.files("host", suffixes=CPP):
        module = name.split("/")[1]
        if module not in ORDER:
            yield f"{name}:1: host has no module {module!r} (there are {', '.join(ORDER)})"
            continue
        allowed = ORDER[:ORDER.index(module) + 1]
        for line, quote, included in includes(tree.text(name)):
            first = included.split("/")[0]
            if first == "sluice":
                if included not in SHARED:
                    yield (f"{name}:{line}: {included} is for connectors;"
                           f" the host shares {', '.join(SHARED)} with them"
                           " and nothing else")
            elif first in ORDER and "/" in included:
                if first not in allowed:
                    yield (f"{name}:{line}: {module} comes before {first},"
                           f" so it may not include {included}")
            elif quote == '"' and (tree.root / name).parent.joinpath(included).exists():
                yield f"{name}:{line}: write the path from host/, like \"{module}/{included}\""
    for name in tree.files("sdk", "plugins", suffixes=CPP):
        for line, _, included in includes(tree.text(name)):
            if included.split("/")[0] in ORDER and "/" in included and (
                    tree.root / "host" / included).exists():
                yield (f"{name}:{line}: {included} belongs to the host;"
                       " connectors and the SDK stand on include/sluice alone")
