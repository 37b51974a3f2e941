/**
 * State flows one way: an action is reduced to the next state, and everybody is told once per turn: first what follows
 * from it, then, when nothing more does, what shows it.
 */

export class Store {
  #state;
  #followers = [];
  #viewers = [];
  #told = true;

  constructor(reduce, state) {
    this.reduce = reduce;
    this.#state = state;
  }

  get state() {
    return this.#state;
  }

  /** Has something done with every new state: what that changes in turn is part of what is shown. */
  follow(listener) {
    this.#followers.push(listener);
  }

  /** Has the state shown, soon and with every change. */
  show(listener) {
    this.#viewers.push(listener);
    this.#turn();
  }

  dispatch(action) {
    const next = this.reduce(this.#state, action);
    if (next === this.#state) return;
    this.#state = next;
    this.#turn();
  }

  #turn() {
    if (!this.#told) return;
    this.#told = false;
    queueMicrotask(() => {
      this.#told = true;
      for (const listener of this.#followers) listener(this.#state);
      if (this.#told) for (const listener of this.#viewers) listener(this.#state);
    });
  }
}
