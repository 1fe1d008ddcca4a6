// Functions written in the language itself. Only those that a program uses are read, when it is
// compiled.
#include <array>

#include "expression/evaluator.hpp"

namespace sluice::expression {
namespace {

struct definition {
    std::string_view name;
    std::size_t arguments;
    std::string_view text;
};

constexpr std::array definitions = {
    definition{"map", 1, "def map(f): [.[] | f];"},
    definition{"map_values", 1, "def map_values(f): .[] |= f;"},
    definition{"select", 1, "def select(f): if f then . else empty end;"},
    definition{"recurse", 0, "def recurse: ..;"},
    definition{"recurse", 1, "def recurse(f): def r: ., (f | r); r;"},
    definition{"recurse", 2, "def recurse(f; cond): def r: ., (f | select(cond) | r); r;"},
    definition{"values", 0, "def values: select(. != null);"},
    definition{"nulls", 0, "def nulls: select(. == null);"},
    definition{"booleans", 0, "def booleans: select(type == \"boolean\");"},
    definition{"numbers", 0, "def numbers: select(type == \"number\");"},
    definition{"strings", 0, "def strings: select(type == \"string\");"},
    definition{"arrays", 0, "def arrays: select(type == \"array\");"},
    definition{"objects", 0, "def objects: select(type == \"object\");"},
    definition{"iterables", 0, "def iterables: select(type | . == \"array\" or . == \"object\");"},
    definition{"scalars", 0, "def scalars: select(type | . != \"array\" and . != \"object\");"},
    definition{"add", 1, "def add(f): reduce f as $x (null; . + $x);"},
    definition{"any", 0, "def any: any(.[]; .);"},
    definition{"any", 1, "def any(f): any(.[]; f);"},
    definition{"any", 2, "def any(g; f): isempty(first(g | f | select(.))) | not;"},
    definition{"all", 0, "def all: all(.[]; .);"},
    definition{"all", 1, "def all(f): all(.[]; f);"},
    definition{"all", 2, "def all(g; f): isempty(first(g | f | if . then empty else true end));"},
    definition{"isempty", 1, "def isempty(g): label $out | (g | false, break $out), true;"},
    definition{"isvalid", 1, "def isvalid(f): try (f | true) catch false;"},
    definition{"while", 2, "def while(cond; f): def r: if cond then ., (f | r) else empty end; r;"},
    definition{"until", 2, "def until(cond; f): def r: if cond then . else f | r end; r;"},
    definition{"range", 3,
               "def range($from; $to; $by): if $by > 0 then $from | while(. < $to; . + $by) "
               "elif $by < 0 then $from | while(. > $to; . + $by) else empty end;"},
    definition{"last", 0, "def last: .[-1];"},
    definition{"first", 0, "def first: .[0];"},
    definition{"last", 1, "def last(f): reduce f as $x (null; $x);"},
    definition{"nth", 1, "def nth($n): .[$n];"},
    definition{"in", 1, "def in(o): . as $key | o | has($key);"},
    definition{"inside", 1, "def inside(o): . as $part | o | contains($part);"},
    definition{"IN", 1, "def IN(s): any(s == .; .);"},
    definition{"IN", 2, "def IN(src; s): any(src == s; .);"},
    definition{"to_entries", 0,
               "def to_entries: [keys_unsorted[] as $k | {key: $k, value: .[$k]}];"},
    definition{"with_entries", 1, "def with_entries(f): to_entries | map(f) | from_entries;"},
    definition{"walk", 1,
               "def walk(f): def w: if type == \"object\" then map_values(w) "
               "elif type == \"array\" then map(w) else . end | f; w;"},
    definition{"paths", 0, "def paths: path(..) | select(length > 0);"},
    definition{"paths", 1, "def paths(f): path(.. | select(f)) | select(length > 0);"},
    definition{"leaf_paths", 0, "def leaf_paths: paths(scalars);"},
    definition{"del", 1, "def del(f): delpaths([path(f)]);"},
    definition{"pick", 1,
               "def pick(f): . as $all | reduce path(f) as $p (null; setpath($p; $all | "
               "getpath($p)));"},
    definition{"group_by", 1, "def group_by(f): _group_by([.[] | [f]]);"},
    definition{"sort_by", 1, "def sort_by(f): _sort_by([.[] | [f]]);"},
    definition{"unique_by", 1, "def unique_by(f): [_group_by([.[] | [f]])[] | .[0]];"},
    definition{"min_by", 1, "def min_by(f): _min_by([.[] | [f]]);"},
    definition{"max_by", 1, "def max_by(f): _max_by([.[] | [f]]);"},
    definition{"index", 1, "def index($i): indices($i) | .[0];"},
    definition{"rindex", 1, "def rindex($i): indices($i) | .[-1];"},
    definition{"flatten", 0, "def flatten: flatten(1e9);"},
    definition{"combinations", 0,
               "def combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | "
               "combinations) as $rest | [$x] + $rest end;"},
    definition{"combinations", 1,
               "def combinations(n): . as $all | [range(n)] | map($all) | "
               "combinations;"},
    definition{"toarray", 0, "def toarray: if type == \"array\" then . else [.] end;"},
    definition{"nth", 2,
               "def nth($n; f): if $n < 0 then error(\"nth doesn't support negative indices\") "
               "else first(skip($n; f)) end;"},
    definition{"repeat", 1, "def repeat(f): def r: f, r; r;"},
    definition{"from_entries", 0,
               "def from_entries: reduce .[] as $x ({}; . + "
               "{($x | .key // .Key // .name // .Name // .k // .K): "
               "($x | if has(\"value\") then .value elif has(\"v\") then .v else .Value end)});"},
    definition{"ascii", 0, "def ascii: [.] | implode;"},
    definition{"abs", 0, "def abs: if . < 0 then - . else . end;"},
    definition{"isfinite", 0, "def isfinite: type == \"number\" and (isinfinite | not);"},
    definition{"finites", 0, "def finites: select(isfinite);"},
    definition{"normals", 0, "def normals: select(isnormal);"},
    definition{"debug", 1, "def debug(f): (f | debug | empty), .;"},
    definition{"todate", 0, "def todate: todateiso8601;"},
    definition{"todateiso8601", 0, "def todateiso8601: strftime(\"%Y-%m-%dT%H:%M:%SZ\");"},
    definition{"fromdate", 0, "def fromdate: fromdateiso8601;"},
    // Fractions of a second are taken, too, unlike in jq.
    definition{"fromdateiso8601", 0,
               "def fromdateiso8601: def whole: strptime(\"%Y-%m-%dT%H:%M:%SZ\") | mktime; "
               "if type == \"string\" and test(\"[.][0-9]+Z$\") then "
               "capture(\"(?<t>^.*)(?<f>[.][0-9]+)Z$\"; \"p\") | (.t + \"Z\" | whole) + "
               "(.f | tonumber) else whole end;"},
    definition{"_pattern", 1,
               "def _pattern($p): if ($p | type) == \"string\" then [$p, null] "
               "elif ($p | type) == \"array\" and ($p | length) > 0 then $p[:2] "
               "else error(($p | type) + \" not a string or array\") end;"},
    definition{"match", 1, "def match($p): _pattern($p) as [$re, $f] | match($re; $f);"},
    definition{"match", 2, "def match(re; flags): _match(re; flags) | .[];"},
    definition{"test", 1, "def test($p): _pattern($p) as [$re, $f] | test($re; $f);"},
    definition{"capture", 1, "def capture($p): _pattern($p) as [$re, $f] | capture($re; $f);"},
    definition{"capture", 2, "def capture(re; flags): _capture(re; flags) | .[];"},
    definition{"scan", 1, "def scan(re): scan(re; null);"},
    definition{"scan", 2, "def scan(re; flags): _scan(re; flags) | .[];"},
    definition{"splits", 1, "def splits(re): splits(re; null);"},
    definition{"splits", 2, "def splits(re; flags): split(re; flags) | .[];"},
    definition{"sub", 2, "def sub(re; f): sub(re; f; null);"},
    definition{"gsub", 2, "def gsub(re; f): sub(re; f; \"g\");"},
    definition{"gsub", 3, "def gsub(re; f; $flags): sub(re; f; $flags + \"g\");"},
    definition{"tostream", 0,
               "def tostream: def at($path): if (type == \"array\" or type == \"object\") and "
               "length > 0 then . as $all | keys_unsorted as $keys | "
               "($keys[] as $k | $all[$k] | at($path + [$k])), [$path + [$keys[-1]]] "
               "else [$path, .] end; at([]);"},
    definition{"fromstream", 1,
               "def fromstream(f): foreach f as $event ({}; (if .done then {} else . end) | "
               "if ($event | length) == 2 then setpath([\"value\"] + $event[0]; $event[1]) | "
               ".done = ($event[0] == []) else .done = ($event[0] | length == 1) end; "
               "select(.done) | .value);"},
    definition{"truncate_stream", 1,
               "def truncate_stream(f): . as $depth | null | f | select((.[0] | length) > $depth) "
               "| .[0] |= .[$depth:];"},
    definition{"INDEX", 1, "def INDEX(f): INDEX(.[]; f);"},
    definition{"INDEX", 2, "def INDEX(s; f): reduce s as $x ({}; .[$x | f | tostring] = $x);"},
    definition{"JOIN", 2, "def JOIN($with; f): [JOIN($with; .[]; f)];"},
    definition{"JOIN", 3, "def JOIN($with; s; f): s | [., $with[f]];"},
    definition{"JOIN", 4, "def JOIN($with; s; f; g): JOIN($with; s; f) | g;"},
};

}  // namespace

std::string_view find_prelude(std::string_view name, std::size_t arguments) {
    for (const definition& known : definitions) {
        if (known.name == name && known.arguments == arguments) return known.text;
    }
    return {};
}

void append_prelude_names(std::vector<std::string>& names) {
    for (const definition& known : definitions) {
        if (known.name.front() == '_') continue;
        names.push_back(std::string(known.name) + "/" + std::to_string(known.arguments));
    }
}

}  // namespace sluice::expression
