// Files of a partner's orders: CSV, XML and PDF, good and bad, and the folder they are put into.
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";

// As flows/sftp-file-import and flows/dropbox-file-import store them.
export const orders = (prefix, count) => Array.from({ length: count }, (_, i) => ({
  externalId: `${prefix}-${i}`, customer: `Zoë "${i}", & Söhne`, amount: i + 0.25, orderedOn: "2026-05-04" }));

const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

export const csvOf = (records) => [
  "number,customer,amount,orderedOn",
  ...records.map((one) => [one.externalId, quoted(one.customer), one.amount, one.orderedOn].join(",")), ""].join("\r\n");

export const xmlOf = (records) => `<?xml version="1.0" encoding="iso-8859-1"?>\n<o:orders xmlns:o="urn:orders">\n${
  records.map((one) => `<o:order number="${one.externalId}"><o:customer>${escaped(one.customer)}</o:customer>` +
    `<o:amount>${one.amount}</o:amount><o:orderedOn>${one.orderedOn}</o:orderedOn></o:order>\n`).join("")}</o:orders>\n`;

// A page of lines, as small as a PDF file can be.
export function pdfOf(lines) {
  const text = lines.map((line, i) => `1 0 0 1 72 ${760 - 24 * i} Tm (${line.replace(/[()\\]/g, "\\$&")}) Tj`).join("\n");
  const content = `BT /F1 12 Tf\n${text}\nET`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"];
  let file = "%PDF-1.4\n";
  const places = objects.map((object, i) => {
    const place = file.length;
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const table = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
  return `${file}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}` +
    `trailer << /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
}

export const formOf = ({ externalId, customer, amount, orderedOn }) => pdfOf([
  "Order form", `Order number: ${externalId}`, `Customer: ${customer}`, `Amount: ${amount}`, `Ordered on: ${orderedOn}`]);

// What the flow leaves of the product's records to compare.
export const plain = ({ externalId, customer, amount, orderedOn, file, version }) =>
  ({ externalId, customer, amount, orderedOn, file, version });

// The folder `orders` of an SFTP server.
export class Orders {
  #server;
  constructor(server) { this.#server = server; }

  // From one moment to the other, as careful senders do.
  drop(name, content) {
    const hidden = this.#server.path(`orders/.${name}`);
    writeFileSync(hidden, content, { mode: 0o666 });
    renameSync(hidden, this.#server.path(`orders/${name}`));
  }

  names(folder) {
    try {
      return readdirSync(this.#server.path(`orders/${folder}`)).sort();
    } catch {
      return []; // nobody has made it yet
    }
  }

  get waiting() { return this.names("").filter((name) => !["done", "failed", "processing"].includes(name)); }
  get failed() { return this.names("failed").filter((name) => !name.endsWith(".reason.json")); }
  reason(name) { return JSON.parse(readFileSync(this.#server.path(`orders/failed/${name}.reason.json`), "utf8")); }
}
