/** State flows one way: an action is reduced to the next state, and everything that shows state is told once per turn. */

export class Store {
  #state;
  #listeners = [];
  #told = true;

  constructor(reduce, state) {
    this.reduce = reduce;
    this.#state = state;
  }

  get state() {
    return this.#state;
  }

  subscribe(listener) {
    this.#listeners.push(listener);
  }

  dispatch(action) {
    const next = this.reduce(this.#state, action);
    if (next === this.#state) return;
    this.#state = next;
    if (!this.#told) return;
    this.#told = false;
    queueMicrotask(() => {
      this.#told = true;
      for (const listener of this.#listeners) listener(this.#state);
    });
  }
}
