// The fenced blocks of a guide, in the order in which a reader meets them, and what they print.
//
//   ```sh                a command; ```sh background: one that goes on running
//   ```text              lines that the command before prints, in this order; `...` fits anything
//   ```LANG file=PATH    a file to write
//   ```diff              changes for `patch -p0`

// [{kind: "sh" | "background" | "text" | "file" | "diff" | "other", language, path, text, line}]
export function blocksOf(markdown) {
  const found = [];
  let open;
  markdown.split("\n").forEach((line, index) => {
    if (open && line === "```") {
      found.push({ ...open, text: open.lines.map((one) => `${one}\n`).join("") });
      open = undefined;
    } else if (open) {
      open.lines.push(line);
    } else if (line.startsWith("```")) {
      const [language, word = ""] = line.slice(3).split(" ");
      const path = word.startsWith("file=") ? word.slice(5) : undefined;
      const kind = path ? "file" : word === "background" ? word
        : ["sh", "text", "diff"].includes(language) ? language : "other";
      open = { kind, language, path, line: index + 1, lines: [] };
    }
  });
  if (open) throw new Error(`the block of line ${open.line} does not end`);
  return found;
}

function pattern(line) {
  const parts = line.trim().split(/\s*\.\.\.\s*/);
  const exact = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+"));
  return new RegExp(`^\\s*${exact.join(".*")}\\s*$`);
}

// The first expected line that the output does not have behind the one before it; undefined: none.
export function missingLine(expected, output) {
  const lines = output.split("\n");
  let at = 0;
  for (const line of expected.split("\n").filter((one) => one.trim() && one.trim() !== "...")) {
    const fits = pattern(line);
    while (at < lines.length && !fits.test(lines[at])) ++at;
    if (at++ >= lines.length) return line;
  }
  return undefined;
}
