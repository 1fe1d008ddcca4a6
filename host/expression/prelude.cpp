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
    definition{"repeat", 1, "def repeat(f): def r: ., (f | r); r;"},
    definition{"range", 3,
               "def range($from; $to; $by): if $by > 0 then $from | while(. < $to; . + $by) "
               "elif $by < 0 then $from | while(. > $to; . + $by) else empty end;"},
    definition{"last", 0, "def last: .[-1];"},
    definition{"first", 0, "def first: .[0];"},
    definition{"last", 1, "def last(f): reduce f as $x (null; $x);"},
    definition{"nth", 1, "def nth($n): .[$n];"},
    definition{"nth", 2,
               "def nth($n; f): if $n < 0 then error(\"Out of bounds negative array index\") "
               "else last(limit($n + 1; f)) end;"},
    definition{"in", 1, "def in(o): . as $key | o | has($key);"},
    definition{"inside", 1, "def inside(o): . as $part | o | contains($part);"},
    definition{"IN", 1, "def IN(s): any(s == .; .);"},
    definition{"IN", 2, "def IN(src; s): any(src == s; .);"},
    definition{"to_entries", 0,
               "def to_entries: [keys_unsorted[] as $k | {key: $k, value: .[$k]}];"},
    definition{"from_entries", 0,
               "def from_entries: reduce .[] as $x ({}; . + { ($x | if .key == null then "
               "if .k != null then .k elif .name != null then .name elif .Name != null then .Name "
               "elif .K != null then .K elif .Key != null then .Key elif .k == false then false "
               "else null end else .key end "
               "| if type == \"string\" then . else tojson end): "
               "($x | if has(\"value\") then .value elif has(\"v\") then .v else .Value end) });"},
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
    definition{"join", 1,
               "def join($with): reduce .[] as $x (null; (if . == null then \"\" else . + $with "
               "end) + ($x | if type == \"boolean\" or type == \"number\" then tojson "
               "else . // \"\" end)) // \"\";"},
    definition{"flatten", 0, "def flatten: flatten(1e9);"},
    definition{"combinations", 0,
               "def combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | "
               "combinations) as $rest | [$x] + $rest end;"},
    definition{"combinations", 1,
               "def combinations(n): . as $all | [range(n)] | map($all) | "
               "combinations;"},
    definition{"ascii", 0, "def ascii: [.] | implode;"},
    definition{"toarray", 0, "def toarray: if type == \"array\" then . else [.] end;"},
    definition{"finites", 0, "def finites: select(isinfinite or isnan | not);"},
    definition{"normals", 0, "def normals: select(isnormal);"},
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
        names.push_back(std::string(known.name) + "/" + std::to_string(known.arguments));
    }
}

}  // namespace sluice::expression
