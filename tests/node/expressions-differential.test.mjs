// Generated programs and documents, evaluated by `sluice eval` and by Debian's jq 1.6, must give the
// same results. Only constructs are generated in which jq 1.6 and 1.7.1 agree.
//
// SLUICE_SEED=N repeats a run; SLUICE_ROUNDS sets how many batches of programs are tried.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

import { generator } from "./expression-generator.mjs";

const sluice = process.env.SLUICE_BIN;
const seed = Number(process.env.SLUICE_SEED ?? Date.now() % 1_000_000_000);
const rounds = Number(process.env.SLUICE_ROUNDS ?? 12);
const perRound = 25;
const deadline = Date.now() + 120_000;

// Starting a program is slow, so one run evaluates many: each as an array of its results, or that
// it failed (the words of messages changed between the versions; the tables of rows check them).
function batch(programs) {
    return programs.map((text) => `(try [${text}] catch {failed: true})`).join(", ");
}

function run(command, args, input) {
    const done = spawnSync(command, args, { input, encoding: "utf8", maxBuffer: 64 << 20 });
    assert.equal(done.error, undefined, `${command} does not start`);
    return done;
}

const lines = (text) => text.split("\n").filter((line) => line !== "");

// jq 1.6 knows only doubles; texts of numbers are compared as numbers.
const value = (line) => JSON.parse(line);

test(`sluice eval and jq 1.6 agree (SLUICE_SEED=${seed})`, () => {
    console.log(`SLUICE_SEED=${seed}`);
    const random = generator(seed);
    let compared = 0;
    for (let round = 0; round < rounds && Date.now() < deadline; ++round) {
        const programs = Array.from({ length: perRound }, () => random.program());
        const input = JSON.stringify(random.document(3));
        const ours = run(sluice, ["eval", "--compact", "--", batch(programs)], input);
        const theirs = run("jq", ["-c", batch(programs)], input);
        const context = `input: ${input}\nSLUICE_SEED=${seed}`;
        assert.equal(theirs.status, 0, `jq fails: ${theirs.stderr}\n${programs.join("\n")}`);
        assert.equal(ours.status, 0, `sluice fails: ${ours.stderr}\n${context}`);
        const got = lines(ours.stdout);
        const wanted = lines(theirs.stdout);
        assert.equal(wanted.length, programs.length, `jq gave other results than asked for`);
        assert.equal(got.length, wanted.length, context);
        for (let i = 0; i < programs.length; ++i) {
            assert.deepEqual(value(got[i]), value(wanted[i]), `program: ${programs[i]}\n${context}`);
            ++compared;
        }
    }
    assert.ok(compared >= perRound, `only ${compared} programs were compared`);
    console.log(`${compared} programs compared`);
});
