// CSV as Bulk API 2.0 reads and writes it.

export const DELIMITERS = {
  BACKQUOTE: "`",
  CARET: "^",
  COMMA: ",",
  PIPE: "|",
  SEMICOLON: ";",
  TAB: "\t"
};

// Rows of texts. Throws where a quote is not closed.
export function parseCsv(text, delimiter, lineEnding) {
  const end = lineEnding === "CRLF" ? "\r\n" : "\n";
  const rows = [];
  let row = [];
  let at = 0;
  while (at < text.length) {
    let value = "";
    if (text[at] === '"') {
      for (++at; ; ++at) {
        if (at >= text.length) throw new Error("a quote is not closed");
        if (text[at] !== '"') {
          value += text[at];
          continue;
        }
        if (text[at + 1] !== '"') break;
        value += '"';
        ++at;
      }
      ++at;
    } else {
      const from = at;
      while (at < text.length && text[at] !== delimiter && !text.startsWith(end, at)) ++at;
      value = text.slice(from, at);
    }
    row.push(value);
    if (text[at] === delimiter) {
      if (++at === text.length) row.push("");
      continue;
    }
    if (at < text.length && !text.startsWith(end, at))
      throw new Error(`text after a closing quote in row ${rows.length + 1}`);
    at += end.length;
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows.filter((one) => one.length > 1 || one[0] !== "");
}

export function writeCsv(rows, delimiter = ",", lineEnding = "LF") {
  const end = lineEnding === "CRLF" ? "\r\n" : "\n";
  const cell = (value) => `"${String(value ?? "").replaceAll('"', '""')}"`;
  return rows.map((row) => row.map(cell).join(delimiter) + end).join("");
}
