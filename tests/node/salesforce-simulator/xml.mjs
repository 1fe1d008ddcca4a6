// Enough XML for SOAP requests and answers.

export const escapeXml = (value) =>
  String(value)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&apos;");

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const unescapeXml = (text) =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (_, hex, decimal, name) =>
    name ? ENTITIES[name] : String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal))
  );

const TAG = /<(\?[^>]*\?|!--[\s\S]*?--|\/?[\w:.-]+(?:\s[^>]*?)?\/?)>|([^<]+)/g;

// {name, type, children, text}: names without their prefixes, `type` from xsi:type.
export function parseXml(source) {
  const root = { name: "", children: [], text: "" };
  const stack = [root];
  for (const [, tag, text] of source.matchAll(TAG)) {
    if (text !== undefined) {
      stack.at(-1).text += unescapeXml(text);
      continue;
    }
    if (tag.startsWith("?") || tag.startsWith("!")) continue;
    if (tag.startsWith("/")) {
      if (stack.length > 1) stack.pop();
      continue;
    }
    const name = /^[\w:.-]+/.exec(tag)[0].split(":").at(-1);
    const type = /\sxsi:type=["'](?:\w+:)?(\w+)["']/.exec(tag)?.[1];
    const element = { name, type, nil: /\sxsi:nil=["']true["']/.test(tag), children: [], text: "" };
    stack.at(-1).children.push(element);
    if (!tag.endsWith("/")) stack.push(element);
  }
  return root;
}

// Repeated elements become a list, elements with children an object, others their text.
export function toObject(element) {
  if (element.nil) return null;
  if (element.children.length === 0) return element.text;
  const out = {};
  for (const child of element.children) {
    const value = toObject(child);
    out[child.name] = child.name in out ? [].concat(out[child.name], value) : value;
  }
  return out;
}

export const childOf = (element, name) => element?.children.find((child) => child.name === name);

export function toXml(name, value) {
  if (Array.isArray(value)) return value.map((one) => toXml(name, one)).join("");
  if (value === null || value === undefined) return "";
  const inside =
    typeof value === "object"
      ? Object.entries(value)
          .map(([key, one]) => toXml(key, one))
          .join("")
      : escapeXml(value);
  return `<${name}>${inside}</${name}>`;
}
