// The part of Salesforce's formula language that criteria of workflow rules commonly use:
// AND OR NOT ISNEW ISCHANGED ISBLANK ISPICKVAL PRIORVALUE CONTAINS BEGINS, comparisons, && || !,
// fields, $User.Id and $User.Username.

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(\d+(?:\.\d+)?)|(\$?[A-Za-z_][\w.]*)|(&&|\|\||<>|!=|==|<=|>=|[=<>!(),]))/gy;

function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== "") {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new Error(`Syntax error at '${text.slice(at, at + 10).trim()}'`);
    const [, string, number, name, mark] = match;
    if (string !== undefined) found.push({ value: string.slice(1, -1).replace(/\\(.)/g, "$1") });
    else if (number !== undefined) found.push({ value: Number(number) });
    else found.push(name !== undefined ? { name } : { mark });
  }
  return found;
}

const blank = (value) => value === null || value === undefined || value === "";

const FUNCTIONS = {
  AND:
    (...all) =>
    (scope) =>
      all.every((one) => one(scope)),
  OR:
    (...all) =>
    (scope) =>
      all.some((one) => one(scope)),
  NOT: (one) => (scope) => !one(scope),
  ISNEW: () => (scope) => !scope.before,
  ISBLANK: (one) => (scope) => blank(one(scope)),
  ISCHANGED: (one) => (scope) =>
    Boolean(scope.before) && one(scope) !== one({ ...scope, record: scope.before }),
  PRIORVALUE: (one) => (scope) => one({ ...scope, record: scope.before ?? scope.record }),
  ISPICKVAL: (one, other) => (scope) => (one(scope) ?? "") === other(scope),
  CONTAINS: (one, other) => (scope) => String(one(scope) ?? "").includes(other(scope)),
  BEGINS: (one, other) => (scope) => String(one(scope) ?? "").startsWith(other(scope))
};

// `hasField(name)` says whether the object has it. Gives (scope: {record, before, user}) => value;
// throws an Error whose text is Salesforce-like where the formula is wrong.
export function compile(text, hasField) {
  const all = tokens(text);
  let at = 0;
  const take = (mark) => all[at]?.mark === mark && Boolean(++at);

  function either() {
    let left = both();
    while (take("||")) left = FUNCTIONS.OR(left, both());
    return left;
  }
  function both() {
    let left = compared();
    while (take("&&")) left = FUNCTIONS.AND(left, compared());
    return left;
  }
  function compared() {
    const left = single();
    const mark = all[at]?.mark;
    if (!["=", "==", "<>", "!=", "<", ">", "<=", ">="].includes(mark)) return left;
    at += 1;
    const right = single();
    return (scope) => {
      const [a, b] = [left(scope) ?? "", right(scope) ?? ""];
      return {
        "=": a === b,
        "==": a === b,
        "<>": a !== b,
        "!=": a !== b,
        "<": a < b,
        ">": a > b,
        "<=": a <= b,
        ">=": a >= b
      }[mark];
    };
  }
  function single() {
    if (take("!")) return FUNCTIONS.NOT(single());
    if (take("(")) {
      const inside = either();
      if (!take(")")) throw new Error("Syntax error. Missing ')'");
      return inside;
    }
    const token = all[at++];
    if (!token || token.mark)
      throw new Error("Syntax error. Found " + (token?.mark ? `'${token.mark}'` : "the end"));
    if ("value" in token) return () => token.value;
    return take("(") ? called(token.name) : named(token.name);
  }
  function called(name) {
    const make = FUNCTIONS[name.toUpperCase()];
    if (!make) throw new Error(`Unknown function ${name}. Check spelling.`);
    const given = [];
    if (!take(")")) {
      do given.push(either());
      while (take(","));
      if (!take(")")) throw new Error("Syntax error. Missing ')'");
    }
    return make(...given);
  }
  function named(name) {
    if (/^(true|false)$/i.test(name)) return () => /^true$/i.test(name);
    if (name === "$User.Id") return (scope) => scope.user.id;
    if (name === "$User.Username") return (scope) => scope.user.username;
    if (!hasField(name)) throw new Error(`Field ${name} does not exist. Check spelling.`);
    return (scope) => scope.record[name];
  }

  const result = either();
  if (at !== all.length) throw new Error("Syntax error. Extra text after the formula");
  return result;
}
