// Random programs and documents from a seed. What jq 1.6 does in another way than 1.7.1 is left out:
// `limit(0; ..)`, `implode`, `if` without `else`, deleting by `|= empty`, text times numbers below
// one, `indices` of text, what fails behind a `try` or `?` (1.6 takes it for the body's), errors with null, integers beyond 2^53, zeros with a sign.
function numbers(seed) {
    let state = seed >>> 0;
    return (below) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 4294967296) * below);
    };
}

export function generator(seed) {
    const next = numbers(seed);
    const pick = (list) => list[next(list.length)];

    function document(depth) {
        const kind = depth === 0 ? next(5) : next(8);
        if (kind === 0) return null;
        if (kind === 1) return next(2) === 0;
        if (kind === 2) return next(20) - 5;
        if (kind === 3) return pick([0.5, 1.25, -2.75, 100]);
        if (kind === 4) return pick(["", "a", "ab", "b,c", "é", "x y", "12", "A"]);
        if (kind === 5) return Array.from({ length: next(4) }, () => document(depth - 1));
        const made = {};
        for (let i = next(4); i > 0; --i) made[pick(["a", "b", "c"])] = document(depth - 1);
        return made;
    }

    const literal = () =>
        pick(["null", "true", "false", "1", "2", "-3", "0.5", '"a"', '"b,c"', "[]", "{}", "[1,2]",
            '{"a":1}', '["a",null]']);
    const step = () => pick([".a", ".b", ".c", ".[0]", ".[-1]", ".[1:]", ".[:1]", ".[]", ".a?", ".[]?"]);
    const path = () => {
        const parts = [step()];
        while (next(3) === 0) parts.push(step());
        return parts.map((part, i) => (i === 0 || !part.startsWith(".[") ? part : part.slice(1))).join("");
    };
    const unary = () =>
        pick(["length", "keys", "type", "add", "not", "sort", "unique", "[reverse?]", "[first?]", "[last?]",
            "tostring", "tojson", "tojson | fromjson", "min", "max", "to_entries", "flatten", "any", "all",
            "ascii_downcase", "ascii_upcase", "explode", "floor", "values", "scalars", "arrays", "objects",
            "[paths]", "[..]", "@json", "@text", "@base64", "@html", "@uri", "@sh", "@csv",
            "@tsv", "map(.)", "[has(0)?]", '[has("a")?]', "utf8bytelength", "[transpose?]", "tojson | length",
            "map(type)", "map_values(type)", "[.[]?]", "[recurse]", "flatten(1)", 'join(",")',
            '[split(",")?]', 'ltrimstr("a")', 'rtrimstr("b")', '[startswith("a")?]', '[endswith("c")?]',
            '[test("a")?]', '[[match("[a-z]+"; "g").string]?]', '[[scan("[a-z]")]?]', '[sub("a"; "z")?]',
            'ascii_downcase | gsub("[b-y]"; "-")']);

    function generate(depth) {
        if (depth === 0) return pick([".", literal(), path(), unary()]);
        const sub = () => generate(depth - 1);
        const simple = () => generate(0);
        const assigned = () => pick([".a", ".b", ".[0]", ".[]", ".a.b", ".[1:]", "(.a, .b)", "..", ".[]?"]);
        return pick([
            () => `(${sub()} | ${sub()})`,
            () => `(${sub()}, ${sub()})`,
            () => `(${sub()} ${pick(["+", "-", "*", "/", "==", "!=", "<", "<=", ">", ">="])} ${simple()})`,
            () => `(${sub()} ${pick(["and", "or", "//"])} ${sub()})`,
            () => `[${sub()}]`,
            () => `{a: (${sub()}), b: (${simple()})}`,
            () => `{(${pick(['"x"', ".a | tostring", '"a", "b"'])}): (${sub()})}`,
            () => `if ${sub()} then ${sub()} else ${sub()} end`,
            () => `[try (${sub()}) catch "caught"]`,
            () => `[(${sub()})?]`,
            // One value to start from: with several, jq 1.6 fails where later ones go on.
            () => `reduce (${sub()}) as $x ([${simple()}]; [., $x] | length)`,
            () => `foreach (${sub()}) as $x (0; . + 1; [., $x])`,
            () => `(${sub()}) as $v | [$v, (${simple()})]`,
            () => `(${sub()}) as [$p, $q] | [$q, $p]`,
            () => `(${sub()}) as {a: $p} | $p`,
            () => `def f: ${simple()}; def g(h): [h, h]; g(f)`,
            () => `def f($x): [$x, .]; f(${sub()})`,
            () => `[limit(2; ${sub()})]`,
            () => `first(${sub()})`,
            () => `[label $out | (${sub()}) | ., break $out]`,
            () => `map(${sub()})`,
            () => `[.[]? | select(${sub()})]`,
            () => `sort_by(${simple()})`,
            () => `group_by(${simple()})`,
            () => `[path(${assigned()})]`,
            () => `(${assigned()} = (${simple()}))`,
            () => `(${assigned()} |= (${pick(["type", "tostring", "[.]", ". // 1", "length"])}))`,
            () => `(${pick([".a", ".[0]", ".[]"])} ${pick(["+=", "-=", "*=", "//="])} (${simple()}))`,
            () => `del(${pick([".a", ".[0]", ".b", ".[1:]", ".a, .b"])})`,
            () => `[getpath(["a", "b"])?]`,
            () => `[setpath(["a"]; ${simple()})?]`,
            () => `with_entries(.value |= ${pick(["type", "[.]", "tostring"])})`,
            () => `[range(${pick(["3", "1; 4", "0; 6; 2"])}) as $i | $i + ${next(5)}]`,
            () => `"<\\(${sub()})>"`,
            () => `@base64 "v\\(${simple()})"`,
            () => `walk(if type == "number" then . + 1 else . end)`,
            () => `isempty(${simple()})`,
            () => `([${sub()}] | ${unary()})`,
            () => `(${literal()} as $k | ${sub()} | [., $k])`,
        ])();
    }

    return { document, program: () => generate(1 + next(3)) };
}
