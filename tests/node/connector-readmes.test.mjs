// The manifest that each connector's README shows is one that the host takes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const folder = mkdtempSync(join(tmpdir(), "sluice-readmes-"));
after(() => rmSync(folder, { recursive: true }));

function manifests(name) {
  const text = readFileSync(join(root, "plugins", name, "README.md"), "utf8");
  return [...text.matchAll(/```yaml\n(connectors:[^]*?)```/g)].map(([, yaml]) => yaml);
}

const connectors = readdirSync(join(root, "plugins"))
  .filter((name) => existsSync(join(root, "plugins", name, "connector.json")));

for (const name of connectors) {
  test(`${name}: the manifest in its README is sound and its calls are there`, () => {
    const found = manifests(name);
    assert.ok(found.length > 0, "the README shows no manifest (```yaml, beginning with connectors:)");
    for (const [number, yaml] of found.entries()) {
      const file = join(folder, `${name}-${number}.yaml`);
      const head = `manifest: "1"\nintegration: { namespace: readme, name: ${name}, version: 1.0.0 }\n`;
      writeFileSync(file, head + yaml);
      const args = ["check", "--plugins", process.env.SLUICE_CONNECTORS, file];
      try {
        const said = execFileSync(process.env.SLUICE_BIN, args, { encoding: "utf8", stdio: "pipe" });
        assert.doesNotMatch(said, /warning/, said);
      } catch (error) {
        assert.fail(`${yaml}\n${error.stdout ?? ""}${error.stderr ?? error}`);
      }
    }
  });
}
