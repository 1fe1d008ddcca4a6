// What the store says of all executions, read again and again while no host runs: outcomes, which
// never change, and the answers that steps have recorded.
import assert from "node:assert/strict";

const TERMINAL = new Set(["succeeded", "failed", "quarantined", "cancelled"]);

export class RecordedSteps {
  lifeOf = new Map(); // key in a recorded answer -> the last life in which it could be called
  details = new Map(); // execution -> as `sluice execution show` told it last
  unfinished = 0; // executions at the last look
  #seen = new Map(); // execution -> state and count of steps when it was looked at

  // After the end of `life`.
  async look(world, life) {
    this.unfinished = 0;
    const changed = [];
    for (const one of await world.executions()) {
      if (!TERMINAL.has(one.state)) ++this.unfinished;
      const state = `${one.state} ${one.ended} ${one.steps}`;
      const before = this.#seen.get(one.id);
      if (before === state) continue;
      if (before) {
        assert.ok(!TERMINAL.has(before.split(" ")[0]), `${one.id} was ${before}, is ${state} now`);
      }
      this.#seen.set(one.id, state);
      changed.push(one.id);
    }
    const next = changed.values();
    await Promise.all([1, 2, 3].map(async () => {
      for (const id of next) this.#take(await world.execution(id), life);
    }));
  }

  #take(detail, life) {
    this.details.set(detail.id, detail);
    for (const step of detail.steps) {
      if (step.ok && step.output?.key && !this.lifeOf.has(step.output.key)) {
        this.lifeOf.set(step.output.key, life);
      }
    }
  }
}
