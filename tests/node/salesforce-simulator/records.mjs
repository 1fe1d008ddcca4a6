// The organization's records: checked, stamped, looked up by external id, all or none. What was
// committed is told to `onChange`, as workflow rules see it.
import { Refusal, missing } from "./answers.mjs";
import { isId, to18 } from "./ids.mjs";
import { Lookups } from "./lookups.mjs";
import { defaultOf, fieldOf } from "./schema.mjs";
import * as times from "./times.mjs";
import { accept } from "./values.mjs";

export class Records {
  #tables = new Map();
  #lookups = new Lookups();
  #undo = null;
  #changes = [];
  #locked = new Map();
  onChange = () => {};
  // Asked before each insert: gives the id of a record that a duplicate rule finds, or nothing.
  duplicateRule = () => undefined;
  // Asked before each save: gives {message, fields?} where a validation rule refuses.
  validationRule = () => undefined;

  constructor(schema, ids, now) {
    this.schema = schema;
    this.ids = ids;
    this.now = now;
  }

  table(object) {
    if (!this.#tables.has(object.name)) this.#tables.set(object.name, new Map());
    return this.#tables.get(object.name);
  }

  // The object of that name, as in addresses.
  object(name) {
    const object = this.schema.find(name);
    if (!object) throw missing();
    return object;
  }

  // Saves that touch one of these ids fail `times` times.
  lock(ids, count = 1) {
    for (const id of ids) this.#locked.set(to18(id), count);
  }

  // Everything `work` did is undone when it throws; what is around it may go on.
  transaction(work) {
    const outermost = this.#undo === null;
    this.#undo ??= [];
    const [done, told] = [this.#undo.length, this.#changes.length];
    try {
      const result = work();
      if (outermost) this.#commit();
      return result;
    } catch (error) {
      while (this.#undo?.length > done) this.#undo.pop()();
      this.#changes.length = told;
      if (outermost) this.#undo = null;
      throw error;
    }
  }

  #commit() {
    const committed = this.#changes;
    this.#undo = null;
    this.#changes = [];
    for (const change of committed) this.onChange(change);
  }

  // The live record; refuses what is malformed, unknown or deleted.
  find(object, id, { deleted = false } = {}) {
    if (!isId(id)) {
      throw new Refusal(
        400,
        "MALFORMED_ID",
        `${object.name} ID: id value of incorrect type: ${id}`,
        { fields: ["Id"] }
      );
    }
    const record = this.table(object).get(to18(id));
    if (!record) throw missing();
    if (record.IsDeleted && !deleted)
      throw new Refusal(404, "ENTITY_IS_DELETED", "entity is deleted");
    return record;
  }

  byExternalId(object, fieldName, value) {
    const field = fieldOf(object, fieldName);
    if (!field || !(field.externalId || field.type === "id")) {
      throw new Refusal(
        404,
        "NOT_FOUND",
        `Provided external ID field does not exist or is not accessible: ${fieldName}`
      );
    }
    const wanted = accept(object, field, value, { fromText: true });
    if (field.type !== "id") return this.#lookups.find(field, wanted);
    const record = this.table(object).get(to18(wanted));
    return record && !record.IsDeleted ? [record] : [];
  }

  create(object, input, options = {}) {
    return this.transaction(() => {
      const values = this.#values(object, input, options);
      const at = times.toSecond(options.at ?? this.now());
      const record = { Id: this.ids.next(object.prefix), IsDeleted: false };
      for (const field of object.fields)
        record[field.name] ??= values[field.name] ?? defaultOf(field);
      const user = options.user ?? null;
      for (const field of object.fields) if (field.defaultUser) record[field.name] ??= user;
      Object.assign(record, {
        CreatedDate: at,
        CreatedById: user,
        LastModifiedDate: at,
        LastModifiedById: user,
        SystemModstamp: at
      });
      const absent = object.fields
        .filter((field) => field.required && record[field.name] === null)
        .map((field) => field.name);
      if (absent.length > 0) {
        throw new Refusal(
          400,
          "REQUIRED_FIELD_MISSING",
          `Required fields are missing: [${absent.join(", ")}]`,
          { fields: absent }
        );
      }
      const twin = options.allowDuplicates ? undefined : this.duplicateRule(object.name, record);
      if (twin) throw new Refusal(400, "DUPLICATES_DETECTED", "Use one of these records?");
      return this.#keep(object, undefined, record);
    });
  }

  update(object, id, input, options = {}) {
    return this.transaction(() => {
      const before = this.find(object, id);
      this.#unlock(before.Id);
      const values = this.#values(object, input, options);
      const empty = object.fields
        .filter((field) => field.required && values[field.name] === null)
        .map((field) => field.name);
      if (empty.length > 0) {
        throw new Refusal(
          400,
          "REQUIRED_FIELD_MISSING",
          `Required fields are missing: [${empty.join(", ")}]`,
          { fields: empty }
        );
      }
      const at = times.toSecond(options.at ?? this.now());
      const user = options.user ?? before.LastModifiedById;
      return this.#keep(object, before, {
        ...before,
        ...values,
        LastModifiedDate: at,
        LastModifiedById: user,
        SystemModstamp: at
      });
    });
  }

  // {record, created}; refuses with the addresses of all where several have that external id.
  upsert(object, fieldName, value, input, options = {}) {
    const field = fieldOf(object, fieldName);
    const found = this.byExternalId(object, fieldName, value);
    if (Object.keys(input).some((name) => name.toLowerCase() === fieldName.toLowerCase())) {
      throw new Refusal(
        400,
        "INVALID_FIELD",
        `The ${field.name} field should not be specified in the sobject data.`,
        { fields: [field.name] }
      );
    }
    if (found.length > 1)
      throw Object.assign(
        new Refusal(
          300,
          "DUPLICATE_EXTERNAL_ID",
          `${field.name}: more than one record found for external id field: [${found.map((one) => one.Id).join(", ")}]`
        ),
        { found }
      );
    if (found.length === 1)
      return { record: this.update(object, found[0].Id, input, options), created: false };
    if (field.type === "id") throw missing();
    return {
      record: this.create(object, { ...input, [field.name]: value }, options),
      created: true
    };
  }

  remove(object, id, options = {}) {
    return this.transaction(() => {
      const before = this.find(object, id);
      this.#unlock(before.Id);
      const at = times.toSecond(options.at ?? this.now());
      return this.#put(object, before, {
        ...before,
        IsDeleted: true,
        LastModifiedDate: at,
        SystemModstamp: at
      });
    });
  }

  #unlock(id) {
    const left = this.#locked.get(id);
    if (!left) return;
    if (left === 1) this.#locked.delete(id);
    else this.#locked.set(id, left - 1);
    throw new Refusal(
      400,
      "UNABLE_TO_LOCK_ROW",
      `unable to obtain exclusive access to this record or 1 records: ${id}`
    );
  }

  #values(object, input, options) {
    const values = {};
    for (const [name, value] of Object.entries(input)) {
      if (name === "attributes") continue;
      const relation = object.fields.find(
        (one) => one.relationshipName && one.relationshipName.toLowerCase() === name.toLowerCase()
      );
      if (relation && value !== null && typeof value === "object") {
        values[relation.name] = this.#related(relation, value);
        continue;
      }
      const field = fieldOf(object, name);
      if (!field)
        throw new Refusal(
          400,
          "INVALID_FIELD",
          `No such column '${name}' on sobject of type ${object.name}`
        );
      if (field.readOnly) {
        throw new Refusal(
          400,
          "INVALID_FIELD_FOR_INSERT_UPDATE",
          `Unable to create/update fields: ${field.name}. Please check the` +
            " security settings of this field and verify that it is read/write for your profile or permission set.",
          { fields: [field.name] }
        );
      }
      values[field.name] = accept(object, field, value, options);
      if (field.type === "reference" && values[field.name])
        this.#checkReference(field, values[field.name]);
    }
    return values;
  }

  // {"Account": {"ExternalId__c": "7"}} instead of an id.
  #related(field, given) {
    const [name, value] = Object.entries(given).find(([key]) => key !== "attributes") ?? [];
    const found = this.byExternalId(this.schema.find(field.referenceTo[0]), name, value);
    if (found.length !== 1) {
      throw new Refusal(
        400,
        "INVALID_FIELD",
        `Foreign key external ID: ${String(value).toLowerCase()} not found for field ${name} in entity ${field.referenceTo[0]}`
      );
    }
    return found[0].Id;
  }

  #checkReference(field, id) {
    const targets = field.referenceTo.map((name) => this.schema.find(name));
    const target = targets.find(
      (object) => object && this.table(object).has(id) && !this.table(object).get(id).IsDeleted
    );
    if (target) return;
    throw new Refusal(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", {
      fields: [field.name]
    });
  }

  #keep(object, before, record) {
    for (const field of object.fields)
      if (field.computed) record[field.name] = field.computed(record);
    const refused = this.validationRule(object.name, record, before);
    if (refused)
      throw new Refusal(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", refused.message, {
        fields: refused.fields ?? []
      });
    for (const field of object.fields.filter((one) => one.unique && record[one.name] !== null)) {
      const found = this.#lookups.find(field, record[field.name]);
      const twin = found.find((other) => other.Id !== record.Id);
      if (twin) {
        throw new Refusal(
          400,
          "DUPLICATE_VALUE",
          `duplicate value found: ${field.name} duplicates value on record with id: ${twin.Id.slice(0, 15)}`,
          { fields: [] }
        );
      }
    }
    return this.#put(object, before, record);
  }

  #put(object, before, record) {
    this.#replace(object, before, record);
    this.#undo.push(() => this.#replace(object, record, before));
    this.#changes.push({ object, before, record });
    return record;
  }

  #replace(object, old, next) {
    if (old) this.#lookups.drop(object, old);
    if (!next) return void this.table(object).delete(old.Id);
    this.table(object).set(next.Id, next);
    this.#lookups.add(object, next);
  }
}
