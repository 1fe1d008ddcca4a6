// The commands of the program as an operator gives them.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

// A function that runs one command against the host of `world`, as its first administrator:
// {code, stdout, stderr}.
export function commandsFor(world) {
  const tokenFile = join(world.folder, "operator.token");
  if (world.adminToken) writeFileSync(tokenFile, `${world.adminToken}\n`);
  return (...args) => new Promise((done) => {
    execFile(resolve(process.env.SLUICE_BIN), args, {
      env: { ...process.env, SLUICE_ADMIN: world.adminUrl ?? "" }, timeout: 60_000,
    }, (error, stdout, stderr) => done({ code: error ? error.code : 0, stdout, stderr }));
  });
}

// The options that name the host's token.
export const asAdmin = (world) => ["--token-file", join(world.folder, "operator.token")];
