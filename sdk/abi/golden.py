#!/usr/bin/env python3
"""Compares a connector ABI header with the layout that was released.

golden.py check HEADER GOLDEN COMPILER    exit code 1 and a line for each broken promise
golden.py write HEADER GOLDEN COMPILER    writes GOLDEN anew: only for a release that adds something

Offsets and sizes come from the compiler, names and declarations from the header's text.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile


def without_comments(text):
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S).replace("\\\n", " ")


def one_line(text):
    return re.sub(r"\s+", " ", text).strip()


def member_name(declaration):
    function = re.search(r"\(SLUICE_CALL\* ?(\w+)\)", declaration)
    return function.group(1) if function else re.search(r"(\w+)$", declaration).group(1)


def read_structs(text):
    """{struct: {member: its declaration}}, in the order of the header."""
    found = {}
    for body, name in re.findall(r"typedef struct \w+ \{(.*?)\} (\w+);", text, flags=re.S):
        declarations = [one_line(part) for part in body.split(";") if part.strip()]
        found[name] = {member_name(each): each for each in declarations}
    return found


def read_functions(text):
    """Types of functions that one side hands to the other."""
    pattern = r"typedef ([^;{}]*\(SLUICE_CALL\* ?(\w+)\)[^;]*);"
    return {name: one_line(whole) for whole, name in re.findall(pattern, text)}


def read_values(text):
    """Names of types that are values or opaque: `typedef uint32_t sluice_code;`."""
    pattern = r"typedef ([^;{}()]*?)(\w+);"
    return {name: one_line(whole) for whole, name in re.findall(pattern, text)}


def read_macros(text):
    """What compilers put into connectors: texts of macros with meaning, on each system."""
    found = {}
    pattern = r"^#define (SLUICE_(?:HAS|CALL|VISIBLE|EXPORT)\b(?:\([^)]*\))?)([^\n]*)$"
    for name, value in re.findall(pattern, text, flags=re.M):
        found[name] = (found[name] + " | " if name in found else "") + one_line(value)
    return found


def read_numbers(text):
    """Codes, flags and names. The minor version is what may change."""
    found = dict(re.findall(r"^#define (SLUICE_[A-Z_0-9]+) +(\S[^\n]*?) *$", text, flags=re.M))
    kept = {name: value for name, value in found.items() if re.fullmatch(r"\d+u?|\".*\"", value)}
    kept.pop("SLUICE_ABI_MINOR", None)
    return kept


def measure(header, structs, compiler):
    lines = ["#include <stdio.h>", f'#include "{pathlib.Path(header).resolve()}"', "int main(void) {"]
    for struct, members in structs.items():
        lines.append(f'printf("{struct} . %zu 0\\n", sizeof({struct}));')
        for member in members:
            lines.append(f'printf("{struct} {member} %zu %zu\\n", offsetof({struct}, {member}), '
                         f"sizeof((({struct}*)0)->{member}));")
    lines.append("return 0; }")
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "measure.c")
        source.write_text("\n".join(lines))
        program = pathlib.Path(folder, "measure")
        subprocess.run([compiler, "-std=c11", source, "-o", program], check=True)
        return subprocess.run([program], check=True, capture_output=True, text=True).stdout


def read_header(header, compiler):
    text = without_comments(pathlib.Path(header).read_text())
    structs = read_structs(text)
    layout = {}
    for line in measure(header, structs, compiler).splitlines():
        struct, member, first, second = line.split()
        if member == ".":
            layout[struct] = {"size": int(first), "members": {}}
        else:
            layout[struct]["members"][member] = {
                "offset": int(first), "size": int(second),
                "declaration": structs[struct][member]}
    return {"structs": layout, "functions": read_functions(text), "typedefs": read_values(text),
            "macros": read_macros(text), "constants": read_numbers(text)}


def may_grow(name, struct):
    """Structs that say their size, and actions, whose array says it for them."""
    return next(iter(struct["members"])) == "size" or name == "sluice_action"


def compare_struct(name, released, now):
    for member, was in released["members"].items():
        if now["members"].get(member) != was:
            yield f"{name}.{member} was {was}, is {now['members'].get(member)}"
    added = {member: place for member, place in now["members"].items()
             if member not in released["members"]}
    if not may_grow(name, released):
        if added or now["size"] != released["size"]:
            yield f"{name} is frozen, but has other members or another size now"
        return
    for member, place in added.items():
        if place["offset"] < released["size"]:
            yield f"{name}.{member} stands at {place['offset']}, not behind what was released"


def compare(released, now):
    for name, struct in released["structs"].items():
        if name in now["structs"]:
            yield from compare_struct(name, struct, now["structs"][name])
        else:
            yield f"{name} is gone"
    for kind in ("functions", "typedefs", "macros", "constants"):
        for name, was in released[kind].items():
            if now[kind].get(name) != was:
                yield f"{name} was `{was}`, is `{now[kind].get(name)}`"


def main(arguments):
    if len(arguments) != 4 or arguments[0] not in ("check", "write"):
        print(__doc__, file=sys.stderr)
        return 2
    command, header, golden, compiler = arguments
    now = read_header(header, compiler)
    if command == "write":
        pathlib.Path(golden).write_text(json.dumps(now, indent=1) + "\n")
        return 0
    broken = list(compare(json.loads(pathlib.Path(golden).read_text()), now))
    for each in broken:
        print(f"{header}: {each}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
