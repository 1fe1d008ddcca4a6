// How the value of a field comes in, is checked and goes out.
import { Refusal, badJson } from "./answers.mjs";
import { isId, to18 } from "./ids.mjs";
import * as times from "./times.mjs";

const NUMBERS = new Set(["double", "currency", "percent", "int"]);

const wrongType = (field, kind, value) =>
  badJson(
    `Cannot deserialize instance of ${kind} from ${typeof value === "string" ? "VALUE_STRING" : "START_OBJECT"} value ` +
      `${typeof value === "object" ? "" : value} or request may be missing a required field at [line:1, column:2]`
  );

// The value to keep. `fromText` is CSV, where everything is text. Throws a Refusal.
export function accept(object, field, value, { fromText = false } = {}) {
  if (value === null || value === undefined || value === "") return null;
  if (field.type === "boolean") {
    const given = String(value).toLowerCase();
    if (!["true", "false"].includes(given) && !(fromText && ["1", "0"].includes(given)))
      throw wrongType(field, "boolean", value);
    return given === "true" || given === "1";
  }
  if (NUMBERS.has(field.type)) {
    const number = typeof value === "string" ? Number(value) : value;
    if (typeof number !== "number" || !Number.isFinite(number))
      throw wrongType(field, field.type === "int" ? "int" : "double", value);
    if (field.type === "int" && !Number.isInteger(number)) throw wrongType(field, "int", value);
    return number;
  }
  if (typeof value === "object") throw wrongType(field, "string", value);
  const text = String(value);
  if (field.type === "date") {
    const day = text.slice(0, 10);
    if (!times.isDate(day) || (text.length > 10 && Number.isNaN(times.parse(text))))
      throw wrongType(field, "date", value);
    return day;
  }
  if (field.type === "datetime") {
    const when = times.parse(text);
    if (Number.isNaN(when)) throw wrongType(field, "datetime", value);
    return times.toSecond(when);
  }
  if (field.type === "reference") {
    if (!isId(text))
      throw new Refusal(400, "MALFORMED_ID", `${field.name}: id value of incorrect type: ${text}`, {
        fields: [field.name]
      });
    return to18(text);
  }
  if (field.type === "email" && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text)) {
    throw new Refusal(
      400,
      "INVALID_EMAIL_ADDRESS",
      `${field.name}: invalid email address: ${text}`,
      { fields: [field.name] }
    );
  }
  if (field.type === "picklist" && field.restricted && !field.values.includes(text)) {
    throw new Refusal(
      400,
      "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
      `${field.name}: bad value for restricted picklist field: ${text}`,
      { fields: [field.name] }
    );
  }
  if (field.length && [...text].length > field.length) {
    throw new Refusal(
      400,
      "STRING_TOO_LONG",
      `${field.name}: data value too large: ${text} (max length=${field.length})`,
      { fields: [field.name] }
    );
  }
  return text;
}

// As JSON of the REST API has it.
export const toJson = (field, value) =>
  value !== null && field.type === "datetime" ? times.show(value) : value;

// As CSV and SOAP have it.
export function toText(field, value) {
  if (value === null || value === undefined) return "";
  return field.type === "datetime" ? times.showZulu(value) : String(value);
}
