// The manifest that each connector's README shows is one that the host takes, and each of its flows
// runs as readme-runs/NAME.yaml says.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

function sluice(...args) {
  try {
    return execFileSync(process.env.SLUICE_BIN, args, { encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    return assert.fail(`sluice ${args.join(" ")}\n${error.stdout ?? ""}${error.stderr ?? error}`);
  }
}
const whole = (name, yaml) =>
  `manifest: "1"\nintegration: { namespace: readme, name: ${name}, version: 1.0.0 }\n${yaml}`;

const connectors = readdirSync(join(root, "plugins"))
  .filter((name) => existsSync(join(root, "plugins", name, "connector.json")));

for (const name of connectors) {
  test(`${name}: the manifest in its README is sound and its calls are there`, () => {
    const found = manifests(name);
    assert.ok(found.length > 0, "the README shows no manifest (```yaml, beginning with connectors:)");
    for (const [number, yaml] of found.entries()) {
      const file = join(folder, `${name}-${number}.yaml`);
      writeFileSync(file, whole(name, yaml));
      assert.doesNotMatch(sluice("check", "--plugins", process.env.SLUICE_CONNECTORS, file), /warning/);
    }
  });

  test(`${name}: each flow of the manifest in its README runs`, () => {
    const [yaml] = manifests(name);
    const place = join(folder, name);
    mkdirSync(join(place, "tests"), { recursive: true });
    writeFileSync(join(place, "integration.yaml"), whole(name, yaml));
    const runs = join(root, "tests/node/readme-runs", `${name}.yaml`);
    copyFileSync(runs, join(place, "tests", "runs.yaml"));
    const told = sluice("test", place);
    assert.match(told, /[1-9]\d* passed, 0 failed/);
    const flows = yaml.slice(yaml.indexOf("\nflows:")).matchAll(/^  (\w+):/gm);
    for (const [, flow] of flows) {
      assert.match(readFileSync(runs, "utf8"), new RegExp(`^    flow: ${flow}$`, "m"), `no run of ${flow}`);
    }
  });
}
