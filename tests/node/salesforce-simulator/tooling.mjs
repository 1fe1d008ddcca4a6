// The Tooling API as far as outbound messages and workflow rules need it.
import { Refusal, missing } from "./answers.mjs";
import { run, shape } from "./query.mjs";
import { show } from "./times.mjs";
import { TYPES } from "./workflow.mjs";

const COLUMNS = {
  WorkflowOutboundMessage: [
    "Name",
    "FullName",
    "Metadata",
    "EntityDefinitionId",
    "IntegrationUserId",
    "ApiVersion",
    "NamespacePrefix",
    "ManageableState"
  ],
  WorkflowRule: [
    "Name",
    "FullName",
    "Metadata",
    "TableEnumOrId",
    "NamespacePrefix",
    "ManageableState"
  ]
};

const OBJECTS = Object.fromEntries(
  Object.entries(COLUMNS).map(([name, columns]) => [
    name,
    {
      name,
      fields: [
        { name: "Id", type: "id" },
        ...columns.map((column) => ({ name: column, type: "string" })),
        { name: "CreatedDate", type: "datetime" }
      ]
    }
  ])
);

const row = (item) => ({
  Id: item.Id,
  IsDeleted: false,
  Name: item.name,
  FullName: item.fullName,
  Metadata: item.metadata,
  EntityDefinitionId: item.object.name,
  TableEnumOrId: item.object.name,
  IntegrationUserId: item.user?.id ?? null,
  ApiVersion: String(item.metadata.apiVersion ?? ""),
  NamespacePrefix: null,
  ManageableState: "unmanaged",
  CreatedDate: item.createdAt
});

function query(world, text, base) {
  const inner = {
    now: world.now,
    schema: {
      find: (name) =>
        Object.values(OBJECTS).find((object) => object.name.toLowerCase() === name.toLowerCase())
    },
    records: {
      table: (object) =>
        new Map(world.workflow.all(object.name).map((item) => [item.Id, row(item)]))
    }
  };
  const found = run(inner, text);
  if (found.count !== undefined)
    return {
      size: 0,
      totalSize: found.count,
      done: true,
      queryLocator: null,
      entityTypeName: null,
      records: []
    };
  if (
    found.records.length > 1 &&
    found.columns.some(({ field }) => field.name === "Metadata" || field.name === "FullName")
  ) {
    throw new Refusal(
      400,
      "MALFORMED_QUERY",
      "When retrieving results with Metadata or FullName fields, the query qualifications must specify" +
        " no more than one row for retrieval. Result size: " +
        found.records.length
    );
  }
  const records = found.records.map((record) => shape(base, found, record));
  return {
    size: records.length,
    totalSize: records.length,
    done: true,
    queryLocator: null,
    entityTypeName: found.object.name,
    records
  };
}

// {status, headers, body}
export function tooling(world, { method, rest, url, body, base }) {
  const { workflow } = world;
  const [resource, type, id] = rest;
  if (resource === "query" && method === "GET")
    return { body: query(world, url.searchParams.get("q") ?? "", `${base}/tooling`) };
  if (resource !== "sobjects" || !(type in TYPES)) throw missing();
  if (!id && method === "POST") {
    const item = workflow.create(type, body.FullName, body.Metadata);
    return {
      status: 201,
      headers: { location: `${base}/tooling/sobjects/${type}/${item.Id}` },
      body: { id: item.Id, success: true, errors: [], warnings: [], infos: [] }
    };
  }
  const item = id && workflow.all(type).find((one) => one.Id === world.to18(id));
  if (!item) throw missing();
  if (method === "GET") {
    const { IsDeleted, ...shown } = row(item);
    return {
      body: {
        attributes: { type, url: `${base}/tooling/sobjects/${type}/${item.Id}` },
        ...shown,
        CreatedDate: show(shown.CreatedDate)
      }
    };
  }
  if (method === "PATCH") workflow.update(item, body.Metadata);
  else if (method === "DELETE") workflow.remove(item);
  else
    throw new Refusal(
      405,
      "METHOD_NOT_ALLOWED",
      `HTTP Method '${method}' not allowed. Allowed are DELETE,GET,HEAD,PATCH`
    );
  return { status: 204 };
}
