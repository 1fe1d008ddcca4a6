// The objects of the organization: standard ones and those that a test defines, and how they are
// described.

const SYSTEM = [
  { name: "Id", type: "id", label: "Record ID" },
  { name: "IsDeleted", type: "boolean", label: "Deleted" },
  { name: "CreatedDate", type: "datetime", label: "Created Date" },
  {
    name: "CreatedById",
    type: "reference",
    label: "Created By ID",
    referenceTo: ["User"],
    relationshipName: "CreatedBy"
  },
  { name: "LastModifiedDate", type: "datetime", label: "Last Modified Date" },
  {
    name: "LastModifiedById",
    type: "reference",
    label: "Last Modified By ID",
    referenceTo: ["User"],
    relationshipName: "LastModifiedBy"
  },
  { name: "SystemModstamp", type: "datetime", label: "System Modstamp" }
].map((field) => ({ ...field, readOnly: true }));

const OWNER = {
  name: "OwnerId",
  type: "reference",
  referenceTo: ["User"],
  relationshipName: "Owner",
  defaultUser: true
};
const text = (name, length = 255, more = {}) => ({ name, type: "string", length, ...more });
const typed = (type, name, more = {}) => ({ name, type, ...more });

const STAGES = [
  "Prospecting",
  "Qualification",
  "Needs Analysis",
  "Value Proposition",
  "Id. Decision Makers",
  "Perception Analysis",
  "Proposal/Price Quote",
  "Negotiation/Review",
  "Closed Won",
  "Closed Lost"
];

const ACCOUNT = {
  name: "Account",
  prefix: "001",
  fields: [
    text("Name", 255, { required: true }),
    OWNER,
    text("AccountNumber", 40),
    text("BillingCity", 40),
    text("BillingCountry", 80),
    typed("phone", "Phone", { length: 40 }),
    typed("url", "Website"),
    typed("textarea", "Description", { length: 32000 }),
    typed("currency", "AnnualRevenue"),
    typed("int", "NumberOfEmployees"),
    text("Industry", 255),
    typed("reference", "ParentId", { referenceTo: ["Account"], relationshipName: "Parent" })
  ]
};

const CONTACT = {
  name: "Contact",
  prefix: "003",
  fields: [
    text("LastName", 80, { required: true }),
    text("FirstName", 40),
    OWNER,
    typed("string", "Name", {
      readOnly: true,
      length: 121,
      computed: (record) => [record.FirstName, record.LastName].filter(Boolean).join(" ")
    }),
    typed("email", "Email", { length: 80 }),
    typed("phone", "Phone", { length: 40 }),
    text("Title", 128),
    typed("date", "Birthdate"),
    text("MailingCity", 40),
    typed("reference", "AccountId", { referenceTo: ["Account"], relationshipName: "Account" })
  ]
};

const OPPORTUNITY = {
  name: "Opportunity",
  prefix: "006",
  plural: "Opportunities",
  fields: [
    text("Name", 120, { required: true }),
    typed("picklist", "StageName", { required: true, values: STAGES, restricted: true }),
    typed("date", "CloseDate", { required: true }),
    OWNER,
    typed("currency", "Amount"),
    typed("percent", "Probability"),
    typed("textarea", "Description", { length: 32000 }),
    text("NextStep", 255),
    typed("boolean", "IsClosed", {
      readOnly: true,
      computed: (record) => /^Closed/.test(record.StageName)
    }),
    typed("boolean", "IsWon", {
      readOnly: true,
      computed: (record) => record.StageName === "Closed Won"
    }),
    typed("reference", "AccountId", { referenceTo: ["Account"], relationshipName: "Account" })
  ]
};

const LEAD = {
  name: "Lead",
  prefix: "00Q",
  fields: [
    text("LastName", 80, { required: true }),
    text("Company", 255, { required: true }),
    text("FirstName", 40),
    OWNER,
    typed("email", "Email", { length: 80 }),
    typed("picklist", "Status", {
      values: ["Open - Not Contacted", "Working - Contacted", "Closed - Converted"]
    })
  ]
};

const USER = {
  name: "User",
  prefix: "005",
  fields: [
    text("Username", 80, { required: true }),
    text("LastName", 80),
    text("Name", 121),
    typed("email", "Email"),
    typed("boolean", "IsActive")
  ]
};

const DEFAULTS = { boolean: false };

export class Schema {
  #objects = new Map();
  #custom = 0;
  changedAt = 0;

  constructor(now) {
    this.now = now;
    for (const object of [ACCOUNT, CONTACT, OPPORTUNITY, LEAD, USER]) this.define(object);
  }

  // {name, prefix?, fields: [{name, type, length?, required?, externalId?, unique?, values?,
  // referenceTo?}]}
  define({ name, prefix = `a0${this.#custom++}`, plural = `${name}s`, fields }) {
    const custom = name.endsWith("__c");
    const own =
      custom && !fields.some((field) => field.name === "Name") ? [text("Name", 80), OWNER] : [];
    this.#objects.set(name.toLowerCase(), {
      name,
      prefix,
      plural,
      custom,
      fields: [...SYSTEM, ...own, ...fields]
    });
    this.changedAt = this.now();
  }

  addField(object, field) {
    this.find(object).fields.push(field);
    this.changedAt = this.now();
  }

  find(name) {
    return this.#objects.get(String(name).toLowerCase());
  }
  all() {
    return [...this.#objects.values()];
  }
  byPrefix(id) {
    return this.all().find((object) => object.prefix === id.slice(0, 3));
  }
}

export const fieldOf = (object, name) =>
  object.fields.find((field) => field.name.toLowerCase() === String(name).toLowerCase());

export const defaultOf = (field) => DEFAULTS[field.type] ?? null;

const summary = (object, base) => ({
  activateable: false,
  createable: true,
  custom: object.custom,
  customSetting: false,
  deletable: true,
  deprecatedAndHidden: false,
  feedEnabled: false,
  keyPrefix: object.prefix,
  label: object.name.replace(/__c$/, ""),
  labelPlural: object.plural.replace(/__c/, ""),
  layoutable: true,
  mergeable: false,
  mruEnabled: true,
  name: object.name,
  queryable: true,
  replicateable: true,
  retrieveable: true,
  searchable: true,
  triggerable: true,
  undeletable: true,
  updateable: true,
  urls: {
    sobject: `${base}/sobjects/${object.name}`,
    describe: `${base}/sobjects/${object.name}/describe`,
    rowTemplate: `${base}/sobjects/${object.name}/{ID}`
  }
});

const SOAP_TYPES = {
  id: "tns:ID",
  reference: "tns:ID",
  boolean: "xsd:boolean",
  int: "xsd:int",
  double: "xsd:double",
  currency: "xsd:double",
  percent: "xsd:double",
  date: "xsd:date",
  datetime: "xsd:dateTime"
};

const describeField = (field) => ({
  aggregatable: true,
  autoNumber: false,
  byteLength: (field.length ?? 0) * 3,
  calculated: Boolean(field.computed),
  caseSensitive: Boolean(field.caseSensitive),
  createable: !field.readOnly,
  custom: field.name.endsWith("__c"),
  defaultValue: field.type === "boolean" ? false : null,
  defaultedOnCreate: field.type === "boolean" || Boolean(field.defaultUser || field.readOnly),
  deprecatedAndHidden: false,
  digits: field.type === "int" ? 8 : 0,
  externalId: Boolean(field.externalId),
  filterable: field.type !== "textarea",
  groupable: true,
  htmlFormatted: false,
  idLookup: field.type === "id" || Boolean(field.externalId),
  inlineHelpText: null,
  label: field.label ?? field.name.replace(/__c$/, ""),
  length: field.type === "id" || field.type === "reference" ? 18 : (field.length ?? 0),
  name: field.name,
  nameField: field.name === "Name",
  nillable:
    !field.required && field.type !== "boolean" && field.type !== "id" && !field.defaultUser,
  permissionable: false,
  picklistValues: (field.values ?? []).map((value) => ({
    active: true,
    defaultValue: false,
    label: value,
    validFor: null,
    value
  })),
  polymorphicForeignKey: false,
  precision: ["double", "currency", "percent"].includes(field.type) ? 18 : 0,
  referenceTo: field.referenceTo ?? [],
  relationshipName: field.relationshipName ?? null,
  restrictedPicklist: Boolean(field.restricted),
  scale: ["double", "currency", "percent"].includes(field.type) ? 2 : 0,
  soapType: SOAP_TYPES[field.type] ?? "xsd:string",
  sortable: field.type !== "textarea",
  type: field.type,
  unique: Boolean(field.unique),
  updateable: !field.readOnly
});

export const describeGlobal = (schema, base) => ({
  encoding: "UTF-8",
  maxBatchSize: 200,
  sobjects: schema.all().map((object) => summary(object, base))
});

export const describe = (object, base) => ({
  ...summary(object, base),
  actionOverrides: [],
  childRelationships: [],
  fields: object.fields.map(describeField),
  namedLayoutInfos: [],
  recordTypeInfos: [],
  supportedScopes: [{ label: "All", name: "everything" }]
});

export const basicInformation = (object, base) => ({
  objectDescribe: summary(object, base),
  recentItems: []
});
