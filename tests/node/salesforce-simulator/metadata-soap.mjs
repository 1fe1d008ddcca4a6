// The Metadata API's calls for outbound messages and workflow rules: createMetadata,
// updateMetadata, upsertMetadata, readMetadata, deleteMetadata.
import { Refusal } from "./answers.mjs";
import { TYPES } from "./workflow.mjs";
import { childOf, escapeXml, parseXml, toObject, toXml } from "./xml.mjs";

const MAX_AT_ONCE = 10;

const envelope = (inside) =>
  '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
  ' xmlns="http://soap.sforce.com/2006/04/metadata" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
  `<soapenv:Body>${inside}</soapenv:Body></soapenv:Envelope>`;

const fault = (code, message) => ({
  status: 500,
  headers: { "content-type": "text/xml;charset=UTF-8" },
  body: envelope(
    `<soapenv:Fault><faultcode>sf:${code}</faultcode><faultstring>${code}: ${escapeXml(message)}</faultstring></soapenv:Fault>`
  )
});

function result(fullName, error, more = {}) {
  const errors = error
    ? {
        errors: { message: error.message, statusCode: error.errorCode, fields: error.fields ?? [] }
      }
    : {};
  return { ...errors, fullName, success: !error, ...more };
}

function save(workflow, call, element) {
  const { fullName, ...metadata } = toObject(element);
  try {
    if (!(element.type in TYPES))
      throw new Refusal(
        400,
        "INVALID_TYPE",
        `This type of metadata is not available: ${element.type}`
      );
    const found = workflow.find(element.type, fullName);
    if (call === "createMetadata" || (call === "upsertMetadata" && !found))
      workflow.create(element.type, fullName, metadata);
    else if (!found)
      throw new Refusal(
        400,
        "INVALID_CROSS_REFERENCE_KEY",
        `no ${element.type} named ${fullName} found`
      );
    else workflow.update(found, metadata);
    return result(fullName, undefined, call === "upsertMetadata" ? { created: !found } : {});
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return result(fullName, error, call === "upsertMetadata" ? { created: false } : {});
  }
}

function remove(workflow, type, fullName) {
  try {
    const found = workflow.find(type, fullName);
    if (!found)
      throw new Refusal(
        400,
        "INVALID_CROSS_REFERENCE_KEY",
        `In field: fullName - no ${type} named ${fullName} found`
      );
    workflow.remove(found);
    return result(fullName);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return result(fullName, error);
  }
}

// {status, headers, body}
export function metadataCall(world, raw) {
  const document = childOf(parseXml(raw.toString("utf8")), "Envelope");
  const session = childOf(childOf(childOf(document, "Header"), "SessionHeader"), "sessionId")?.text;
  if (!world.tokens.userOf(session)) {
    return fault(
      "INVALID_SESSION_ID",
      "Invalid Session ID found in SessionHeader: Illegal Session"
    );
  }
  const call = childOf(document, "Body")?.children[0];
  const { workflow } = world;
  const type = childOf(call, "type")?.text.trim();
  const names = (call?.children ?? [])
    .filter((child) => child.name === "fullNames")
    .map((child) => child.text);
  const items = (call?.children ?? []).filter((child) => child.name === "metadata");
  if (Math.max(names.length, items.length) > MAX_AT_ONCE)
    return fault(
      "EXCEEDED_ID_LIMIT",
      `record limit reached. cannot submit more than ${MAX_AT_ONCE} records into this call`
    );
  let results;
  if (["createMetadata", "updateMetadata", "upsertMetadata"].includes(call?.name)) {
    results = items.map((item) => toXml("result", save(workflow, call.name, item))).join("");
  } else if (call?.name === "deleteMetadata") {
    results = names.map((name) => toXml("result", remove(workflow, type, name))).join("");
  } else if (call?.name === "readMetadata") {
    results = `<result>${names
      .map((name) => {
        const found = workflow.find(type, name);
        return found
          ? toXml("records", { fullName: found.fullName, ...found.metadata }).replace(
              "<records>",
              `<records xsi:type="${type}">`
            )
          : '<records xsi:nil="true"/>';
      })
      .join("")}</result>`;
  } else {
    return fault("INVALID_OPERATION", `No operation available for request ${call?.name}`);
  }
  return {
    headers: { "content-type": "text/xml;charset=UTF-8" },
    body: envelope(`<${call.name}Response>${results}</${call.name}Response>`)
  };
}
