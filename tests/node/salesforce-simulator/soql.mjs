// A reader of the SOQL that integrations use: fields also of parents, COUNT(), WHERE with
// = != < > <= >= IN NOT IN LIKE AND OR NOT and parentheses, ORDER BY, LIMIT, OFFSET.
import { Refusal } from "./answers.mjs";
import * as times from "./times.mjs";

const TOKEN = new RegExp(
  [
    /(?<space>\s+)/,
    /(?<string>'(?:[^'\\]|\\.)*')/,
    /(?<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:?\d\d))/,
    /(?<date>\d{4}-\d\d-\d\d)(?![\dT])/,
    /(?<number>[+-]?\d+(?:\.\d+)?)(?![\w])/,
    /(?<word>[A-Za-z_][\w.]*(?::\d+)?)/,
    /(?<mark>!=|<>|<=|>=|[=<>(),])/
  ]
    .map((part) => part.source)
    .join("|"),
  "gy"
);

const ESCAPES = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };
const WORDS_OF_VALUES = /^(TODAY|YESTERDAY|TOMORROW|LAST_N_DAYS:\d+)$/i;

export const malformed = (text, at, detail) =>
  new Refusal(
    400,
    "MALFORMED_QUERY",
    `\n${text}\n${" ".repeat(Math.max(0, at))}^\nERROR at Row:1:Column:${at + 1}\n${detail}`
  );

function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    if (!groups) throw malformed(text, at, `unexpected token: '${text.slice(at, at + 10)}'`);
    const [kind, value] = Object.entries(groups).find(([, value]) => value !== undefined);
    if (kind !== "space") found.push({ kind, value, at });
  }
  return found;
}

class Reader {
  #at = 0;

  constructor(text) {
    this.text = text;
    this.tokens = tokens(text);
  }

  peek() {
    return this.tokens[this.#at] ?? { kind: "end", value: "<EOF>", at: this.text.length };
  }
  next() {
    const token = this.peek();
    this.#at += 1;
    return token;
  }
  is(word) {
    const { kind, value } = this.peek();
    return (kind === "word" || kind === "mark") && value.toUpperCase() === word;
  }
  take(word) {
    if (!this.is(word)) return false;
    this.#at += 1;
    return true;
  }
  need(word) {
    if (!this.take(word)) throw this.unexpected(`expecting '${word}'`);
  }
  unexpected(detail = "") {
    const token = this.peek();
    return malformed(
      this.text,
      token.at,
      `unexpected token: '${token.value}'${detail ? ` ${detail}` : ""}`
    );
  }

  name() {
    if (this.peek().kind !== "word") throw this.unexpected();
    return this.next().value;
  }

  whole(word) {
    const token = this.next();
    if (token.kind !== "number" || !/^\d+$/.test(token.value))
      throw malformed(this.text, token.at, `${word} needs a whole number`);
    return Number(token.value);
  }

  query() {
    this.need("SELECT");
    const fields = this.fields();
    this.need("FROM");
    const from = this.name();
    if (
      this.peek().kind === "word" &&
      !/^(WHERE|ORDER|LIMIT|OFFSET|USING|FOR|ALL|GROUP|WITH)$/i.test(this.peek().value)
    )
      this.next();
    const where = this.take("WHERE") ? this.either() : null;
    const order = [];
    if (this.take("ORDER")) {
      this.need("BY");
      do order.push(this.order());
      while (this.take(","));
    }
    const limit = this.take("LIMIT") ? this.whole("LIMIT") : null;
    const offset = this.take("OFFSET") ? this.whole("OFFSET") : 0;
    if (this.peek().kind !== "end") throw this.unexpected();
    return { text: this.text, fields, from, where, order, limit, offset };
  }

  // [{name, at}], or "count", or {all: true} for FIELDS(ALL).
  fields() {
    const list = [];
    do {
      const { at } = this.peek();
      const name = this.name();
      if (!this.take("(")) {
        list.push({ name, at });
        continue;
      }
      if (/^COUNT$/i.test(name)) {
        this.need(")");
        return "count";
      }
      if (!/^FIELDS$/i.test(name))
        throw malformed(this.text, at, `the simulator does not know ${name}()`);
      list.push({ every: this.name().toUpperCase(), at });
      this.need(")");
    } while (this.take(","));
    return list;
  }

  order() {
    const { at } = this.peek();
    const name = this.name();
    const down = this.take("DESC");
    if (!down) this.take("ASC");
    let nullsLast = false;
    if (this.take("NULLS")) {
      nullsLast = this.take("LAST");
      if (!nullsLast) this.need("FIRST");
    }
    return { name, at, down, nullsLast };
  }

  either() {
    const parts = [this.both()];
    while (this.take("OR")) parts.push(this.both());
    if (parts.length > 1 && this.is("AND")) throw this.unexpected("AND and OR need parentheses");
    return parts.length === 1 ? parts[0] : { kind: "or", parts };
  }

  both() {
    const parts = [this.single()];
    while (this.take("AND")) parts.push(this.single());
    if (parts.length > 1 && this.is("OR")) throw this.unexpected("AND and OR need parentheses");
    return parts.length === 1 ? parts[0] : { kind: "and", parts };
  }

  single() {
    if (this.take("NOT")) return { kind: "not", part: this.single() };
    if (this.take("(")) {
      const inside = this.either();
      this.need(")");
      return inside;
    }
    const { at } = this.peek();
    const name = this.name();
    return { kind: "compare", name, at, ...this.comparison() };
  }

  comparison() {
    if (this.take("LIKE")) return { operator: "LIKE", value: this.value() };
    const negated = this.take("NOT");
    if (this.take("IN")) {
      this.need("(");
      const values = [];
      do values.push(this.value());
      while (this.take(","));
      this.need(")");
      return { operator: negated ? "NOT IN" : "IN", values };
    }
    const operator = this.next();
    if (negated || operator.kind !== "mark" || !/^(=|!=|<>|<|>|<=|>=)$/.test(operator.value)) {
      throw malformed(this.text, operator.at, `unexpected token: '${operator.value}'`);
    }
    return { operator: operator.value === "<>" ? "!=" : operator.value, value: this.value() };
  }

  // {type, value}: type is string, number, datetime, date, boolean or null.
  value() {
    const token = this.next();
    if (token.kind === "string")
      return { type: "string", value: unescape(token.value.slice(1, -1)) };
    if (token.kind === "number") return { type: "number", value: Number(token.value) };
    if (token.kind === "datetime") return { type: "datetime", value: times.parse(token.value) };
    if (token.kind === "date") return { type: "date", value: token.value };
    if (token.kind === "word" && /^null$/i.test(token.value)) return { type: "null", value: null };
    if (token.kind === "word" && /^(true|false)$/i.test(token.value))
      return { type: "boolean", value: /^true$/i.test(token.value) };
    if (token.kind === "word" && WORDS_OF_VALUES.test(token.value))
      return { type: "period", value: token.value.toUpperCase() };
    throw malformed(this.text, token.at, `unexpected token: '${token.value}'`);
  }
}

const unescape = (text) => text.replace(/\\(.)/gs, (_, letter) => ESCAPES[letter] ?? letter);

export function parseQuery(text) {
  if (text.length > 100_000)
    throw new Refusal(400, "QUERY_TOO_COMPLICATED", "The query is longer than 100,000 characters");
  return new Reader(text).query();
}
