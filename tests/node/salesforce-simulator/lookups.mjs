// Live records by the value of an external id or a unique field, so that a hundred thousand of them
// are saved in no time.
import { to18 } from "./ids.mjs";

// Values that count as the same have the same key.
function keyOf(field, value) {
  if (field.type === "id") return to18(value);
  return typeof value === "string" && !field.caseSensitive ? value.toLowerCase() : value;
}

const isKey = (field) => field.externalId || field.unique;

export class Lookups {
  // field → key → Map of id → record
  #byField = new Map();

  add(object, record) {
    if (record.IsDeleted) return;
    for (const field of object.fields.filter(isKey))
      this.#slot(field, record, true)?.set(record.Id, record);
  }

  drop(object, record) {
    for (const field of object.fields.filter(isKey))
      this.#slot(field, record, false)?.delete(record.Id);
  }

  find(field, value) {
    if (value === null) return [];
    return [...(this.#byField.get(field)?.get(keyOf(field, value))?.values() ?? [])];
  }

  #slot(field, record, make) {
    const value = record[field.name] ?? null;
    if (value === null) return undefined;
    if (!this.#byField.has(field)) this.#byField.set(field, new Map());
    const keys = this.#byField.get(field);
    const key = keyOf(field, value);
    if (make && !keys.has(key)) keys.set(key, new Map());
    return keys.get(key);
  }
}
