// Outbound messages and workflow rules as metadata, and which messages a change of a record fires.
// Both the Tooling API and the Metadata API keep them here.
import { Refusal } from "./answers.mjs";
import { compile } from "./formula.mjs";
import { isId, to18 } from "./ids.mjs";
import { fieldOf } from "./schema.mjs";
import { toText } from "./values.mjs";

export const TYPES = { WorkflowOutboundMessage: "04k", WorkflowRule: "01Q" };
const TRIGGERS = ["onAllChanges", "onCreateOnly", "onCreateOrTriggeringUpdate"];
const NAME = /^[A-Za-z](?!.*__)\w*(?<!_)$/;

const list = (value) =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
const truth = (value) => value === true || value === "true";
const wrong = (message, fields, code = "FIELD_INTEGRITY_EXCEPTION") =>
  new Refusal(400, code, message, { fields });

export class Workflow {
  #items = new Map();
  // Told (message, record id) for each message that a change fires.
  onFire = () => {};

  constructor(world) {
    this.world = world;
  }

  all(type) {
    return [...this.#items.values()].filter((item) => item.type === type);
  }

  // By id or, with `type`, by full name.
  find(type, key) {
    const id = isId(key) ? to18(key) : undefined;
    return this.all(type).find(
      (item) => item.Id === id || item.fullName.toLowerCase() === String(key).toLowerCase()
    );
  }

  create(type, fullName, metadata) {
    const [, objectName, name] = /^([^.]+)\.(.+)$/.exec(fullName ?? "") ?? [];
    const object = objectName && this.world.schema.find(objectName);
    if (!object)
      throw wrong(
        `Unknown entity in the full name: ${fullName}`,
        ["FullName"],
        "INVALID_CROSS_REFERENCE_KEY"
      );
    // A rule's name may have spaces; an action has a name for the API beside its label.
    if (type === "WorkflowOutboundMessage" ? !NAME.test(name) : name.length > 80) {
      throw wrong(
        "The name can only contain underscores and alphanumeric characters. It must begin with a letter and be unique",
        ["FullName"],
        "INVALID_INPUT"
      );
    }
    if (this.find(type, fullName))
      throw wrong(
        `The name is already used: ${fullName}`,
        ["FullName"],
        "DUPLICATE_DEVELOPER_NAME"
      );
    const item = {
      Id: this.world.ids.next(TYPES[type]),
      type,
      object,
      name,
      fullName: `${object.name}.${name}`,
      createdAt: this.world.now(),
      ...this.#checked(type, object, metadata ?? {})
    };
    this.#items.set(item.Id, item);
    return item;
  }

  update(item, metadata) {
    Object.assign(item, this.#checked(item.type, item.object, metadata));
    return item;
  }

  remove(item) {
    const user =
      item.type === "WorkflowOutboundMessage" &&
      this.all("WorkflowRule").find((rule) => rule.messages.includes(item));
    if (user) {
      throw wrong(
        `This workflow action is referenced elsewhere in Salesforce. Remove the usage and try again. : Workflow Rule - ${user.name}.`,
        [],
        "DELETE_FAILED"
      );
    }
    this.#items.delete(item.Id);
  }

  #checked(type, object, metadata) {
    return type === "WorkflowRule"
      ? this.#checkedRule(object, metadata)
      : this.#checkedMessage(object, metadata);
  }

  #checkedMessage(object, metadata) {
    const { name, endpointUrl, integrationUser } = metadata;
    for (const field of ["name", "endpointUrl", "integrationUser"]) {
      if (!metadata[field])
        throw wrong(`Required field is missing: ${field}`, [field], "REQUIRED_FIELD_MISSING");
    }
    if (!/^https?:\/\/[^\s]+$/.test(endpointUrl))
      throw wrong(`Invalid endpoint URL: ${endpointUrl}`, ["endpointUrl"]);
    const user = this.world.users.find((one) => one.username === integrationUser);
    if (!user)
      throw wrong(
        `In field: integrationUser - no User named ${integrationUser} found`,
        ["integrationUser"],
        "INVALID_CROSS_REFERENCE_KEY"
      );
    const fields = list(metadata.fields).map((one) => {
      const field = fieldOf(object, one);
      if (!field)
        throw wrong(`Invalid field name: ${one}`, ["fields"], "INVALID_CROSS_REFERENCE_KEY");
      return field;
    });
    return {
      fields,
      user,
      endpointUrl,
      includeSessionId: truth(metadata.includeSessionId),
      metadata: {
        apiVersion: Number(metadata.apiVersion ?? this.world.versions.at(-1)),
        description: metadata.description ?? null,
        endpointUrl,
        fields: fields.map((field) => field.name),
        includeSessionId: truth(metadata.includeSessionId),
        integrationUser,
        name,
        protected: truth(metadata.protected),
        useDeadLetterQueue: truth(metadata.useDeadLetterQueue)
      }
    };
  }

  #checkedRule(object, metadata) {
    const { triggerType, formula } = metadata;
    if (!TRIGGERS.includes(triggerType))
      throw wrong(
        `'${triggerType}' is not a valid value for the enum 'WorkflowTriggerTypes'`,
        ["triggerType"],
        "INVALID_FIELD"
      );
    const items = list(metadata.criteriaItems);
    if (Boolean(formula) === items.length > 0)
      throw wrong("Either a formula or criteria items must be set, not both", ["formula"]);
    const messages = list(metadata.actions).map(({ name, type }) => {
      if (type !== "OutboundMessage")
        throw wrong(`The simulator knows no workflow action of type ${type}`, ["actions"]);
      const found = this.all("WorkflowOutboundMessage").find(
        (one) => one.object === object && one.name === name
      );
      if (!found)
        throw wrong(
          `In field: action - no OutboundMessage named ${object.name}.${name} found`,
          ["actions"],
          "INVALID_CROSS_REFERENCE_KEY"
        );
      return found;
    });
    let matches;
    try {
      matches = formula
        ? compile(formula, (name) => fieldOf(object, name))
        : criteria(object, items);
    } catch (error) {
      throw wrong(
        `Invalid formula or criteria: ${error.message}`,
        [formula ? "formula" : "criteriaItems"],
        "FORMULA_EXPRESSION_INVALID"
      );
    }
    return {
      messages,
      matches,
      triggerType,
      active: truth(metadata.active),
      metadata: {
        actions: list(metadata.actions).map(({ name, type }) => ({ name, type })),
        active: truth(metadata.active),
        booleanFilter: metadata.booleanFilter ?? null,
        criteriaItems: items,
        description: metadata.description ?? null,
        formula: formula ?? null,
        triggerType,
        workflowTimeTriggers: []
      }
    };
  }

  // A committed change. Deletions fire no rule.
  changed({ object, before, record }) {
    if (record.IsDeleted) return;
    const user =
      this.world.users.find((one) => one.id === record.LastModifiedById) ?? this.world.users[0];
    for (const rule of this.all("WorkflowRule").filter(
      (one) => one.active && one.object === object
    )) {
      const scope = { record, before, user };
      if (before && rule.triggerType === "onCreateOnly") continue;
      if (!rule.matches(scope)) continue;
      const matchedBefore = before && rule.matches({ record: before, before, user });
      if (before && rule.triggerType === "onCreateOrTriggeringUpdate" && matchedBefore) continue;
      for (const message of rule.messages) this.onFire(message, record.Id);
    }
  }
}

const OPERATIONS = {
  equals: (left, right) => right.split(",").some((one) => left === one.trim().toLowerCase()),
  notEqual: (left, right) => !OPERATIONS.equals(left, right),
  contains: (left, right) => left.includes(right),
  notContain: (left, right) => !left.includes(right),
  startsWith: (left, right) => left.startsWith(right),
  greaterThan: (left, right) => Number(left) > Number(right),
  lessThan: (left, right) => Number(left) < Number(right),
  greaterOrEqual: (left, right) => Number(left) >= Number(right),
  lessOrEqual: (left, right) => Number(left) <= Number(right)
};

// All of [{field: "Account.Name", operation, value}].
function criteria(object, items) {
  const tests = items.map(({ field: path, operation, value }) => {
    const field = fieldOf(object, String(path).split(".").at(-1));
    if (!field) throw new Error(`no field ${path}`);
    if (!OPERATIONS[operation]) throw new Error(`no operation ${operation}`);
    return (record) =>
      OPERATIONS[operation](
        toText(field, record[field.name]).toLowerCase(),
        String(value ?? "").toLowerCase()
      );
  });
  return ({ record }) => tests.every((test) => test(record));
}
