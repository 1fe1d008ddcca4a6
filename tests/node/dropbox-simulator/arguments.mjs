// A request's argument, checked by Dropbox' own description of its API. What does not fit is a
// malformed request: wrong types, missing and unknown fields, the wrong content type.
import { ROUTES, argumentFlaw, withDefaults } from "../dropbox-contract.mjs";
import { Malformed } from "./answers.mjs";

const HEADER = "dropbox-api-arg";
const DATA = /^application\/octet-stream(;|$)|^text\/plain; charset=dropbox-cors-hack$/;
const NO_DATA = /^$|^text\/plain(;|$)|^application\/octet-stream(;|$)/;

// `where` says how it came: "request body" or the header.
function read(name, json, where) {
  if (json.trim() === "" && ROUTES[name].argument === "void") return null;
  let value;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Malformed(`${where}: could not decode input as JSON`);
  }
  const flaw = argumentFlaw(name, value, where);
  if (flaw) throw new Malformed(flaw);
  return withDefaults(name, value);
}

function checkType(type, good, expected) {
  if (good.test(type)) return;
  throw new Malformed(
    `Bad HTTP "Content-Type" header: "${type}".  Expecting one of "${expected}".`
  );
}

function ofBody(name, request, data) {
  if (request.method !== "POST") {
    throw new Malformed(`Method "${request.method}" is not allowed here. Expecting "POST".`);
  }
  const type = request.headers["content-type"] ?? "";
  const nothing = ROUTES[name].argument === "void" && data.length === 0 && type === "";
  if (!nothing) checkType(type, /^application\/json(;|$)/, "application/json");
  return read(name, data.toString("utf8"), "request body");
}

function ofHeader(name, request, url) {
  const inHeader = HEADER in request.headers;
  const given = request.headers[HEADER] ?? url.searchParams.get("arg");
  if (given === null) {
    throw new Malformed('Must provide HTTP header "Dropbox-API-Arg" or URL parameter "arg".');
  }
  const where = inHeader ? 'HTTP header "Dropbox-API-Arg"' : 'URL parameter "arg"';
  // Node gives bytes above ASCII as Latin-1; Dropbox takes none of them in a header.
  if (inHeader && /[^\x20-\x7e]/.test(given)) {
    throw new Malformed(`${where}: could not decode input as JSON`);
  }
  const good = ROUTES[name].style === "upload" ? DATA : NO_DATA;
  checkType(request.headers["content-type"] ?? "", good, "application/octet-stream");
  return read(name, given, where);
}

export const argumentOf = (name, request, url, data) =>
  ROUTES[name].style === "rpc" ? ofBody(name, request, data) : ofHeader(name, request, url);
