/** What every effect needs: to say that it began and how it ended, and to do again what the network prevented. */

import { Problem, sleep } from "./api.js";

/** Runs `work` under a name that buttons and messages go by; a second press while it runs does nothing. */
export async function perform(store, name, work) {
  if (store.state.busy[name]) return undefined;
  store.dispatch({ type: "began", name });
  try {
    const result = await work();
    store.dispatch({ type: "ended", name });
    return result;
  } catch (problem) {
    store.dispatch({ type: "ended", name, problem: asProblem(problem) });
    return undefined;
  }
}

/** Repeats a read until the server answers, for as long as `wanted()`; a refusal is thrown. */
export async function insist(work, wanted) {
  for (;;) {
    try {
      return await work();
    } catch (problem) {
      if (!asProblem(problem).open || !wanted()) throw problem;
      await sleep(1500);
    }
  }
}

/** Reads by key; asks that come while a read is under way are answered by one more read after it. */
export class Refresher {
  #busy = new Set();
  #again = new Set();

  constructor(read) {
    this.read = read;
  }

  async ask(key) {
    if (this.#busy.has(key)) return void this.#again.add(key);
    this.#busy.add(key);
    try {
      do {
        this.#again.delete(key);
        await sleep(30);
        await this.read(key);
      } while (this.#again.has(key));
    } finally {
      this.#busy.delete(key);
    }
  }
}

export function asProblem(error) {
  if (error instanceof Problem) return error;
  console.error(error);
  return new Problem({ status: 500, code: "unknown" });
}
