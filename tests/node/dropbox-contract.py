#!/usr/bin/python3
"""Writes dropbox-contract.json: what some routes of Dropbox take and give.

    dropbox-contract.py FOLDER ROUTE...  > dropbox-contract.json

FOLDER has the .stone files of github.com/dropbox/dropbox-api-spec. Needs Debian's python3-stone.
Without routes those of dropbox-contract.json itself are taken again.
"""

import json
import pathlib
import sys

from stone.frontend.frontend import specs_to_ir
from stone.ir import data_types as stone

NOTICE = ("Derived from github.com/dropbox/dropbox-api-spec, Copyright (c) 2020 Dropbox Inc.,"
          " http://www.dropbox.com/, under the MIT licence.")


class Contract:
    def __init__(self):
        self.types = {}

    def reference(self, kind):
        """A type where it is used; structs and unions are named and described once."""
        if isinstance(kind, stone.Alias):
            return self.reference(kind.data_type)
        if isinstance(kind, stone.Nullable):
            return {"optional": self.reference(kind.data_type)}
        if isinstance(kind, stone.Void):
            return "void"
        if isinstance(kind, stone.Boolean):
            return "boolean"
        if isinstance(kind, stone.List):
            return {"list": self.reference(kind.data_type)}
        if isinstance(kind, stone.Map):
            return {"map": self.reference(kind.value_data_type)}
        if isinstance(kind, stone.String):
            limits = {"pattern": kind.pattern, "min": kind.min_length, "max": kind.max_length}
            return {"string": {key: value for key, value in limits.items() if value is not None}}
        if isinstance(kind, stone.Timestamp):
            return {"timestamp": kind.format}
        if isinstance(kind, (stone.Struct, stone.Union)):
            return {"type": self.named(kind)}
        if isinstance(kind, (stone.Float32, stone.Float64)):
            return "float"
        low = kind.min_value if kind.min_value is not None else kind.minimum
        high = kind.max_value if kind.max_value is not None else kind.maximum
        return {"integer": {"min": low, "max": high}}

    def named(self, kind):
        name = f"{kind.namespace.name}.{kind.name}"
        if name in self.types:
            return name
        described = self.types[name] = {}
        if isinstance(kind, stone.Union):
            tags = {field.name: self.reference(field.data_type) for field in kind.all_fields}
            described.update(kind="union", tags=tags)
            return name
        fields = {}
        for field in kind.all_fields:
            fields[field.name] = self.reference(field.data_type)
            if field.has_default:
                fields[field.name] = {"optional": fields[field.name],
                                      "default": default(field.default)}
        described.update(kind="struct", fields=fields)
        if kind.has_enumerated_subtypes():
            described["subtypes"] = {field.name: self.named(field.data_type)
                                     for field in kind.get_enumerated_subtypes()}
        return name


def default(value):
    return {".tag": value.tag_name} if isinstance(value, stone.TagRef) else value


def lines(entries):
    """One entry a line, so that a change is seen where it is."""
    return ",\n".join(f"  {json.dumps(name)}: {json.dumps(entries[name])}" for name in sorted(entries))


def main():
    folder, *wanted = sys.argv[1:]
    files = sorted(pathlib.Path(folder).glob("*.stone"))
    api = specs_to_ir([(path.name, path.read_text()) for path in files])
    if not wanted:
        old = pathlib.Path(__file__).with_suffix(".json")
        wanted = list(json.loads(old.read_text())["routes"])
    contract = Contract()
    routes = {}
    for space in api.namespaces.values():
        for route in space.routes:
            version = f"_v{route.version}" if route.version > 1 else ""
            name = f"{space.name}/{route.name}{version}"
            if name in wanted:
                routes[name] = {
                    "host": route.attrs["host"], "style": route.attrs["style"],
                    "auth": route.attrs["auth"], "scope": route.attrs["scope"],
                    "argument": contract.reference(route.arg_data_type),
                    "result": contract.reference(route.result_data_type),
                    "error": contract.reference(route.error_data_type)}
    missing = set(wanted) - set(routes)
    if missing:
        sys.exit(f"no such route: {', '.join(sorted(missing))}")
    print(f'{{\n "notice": {json.dumps(NOTICE)},\n "routes": {{\n{lines(routes)}\n }},\n'
          f' "types": {{\n{lines(contract.types)}\n }}\n}}')



main()
