/**
 * An element's look at the state: it is shown a new state only where something changed that it read before.
 *
 * What an element reads is seen by handing it the state through a proxy, which also answers later, in a handler or on a
 * timer, with the state as it is then. Only the state's own names are watched: what they hold is never changed in place.
 */
export class Glance {
  #read = new Set();
  #state = {};
  #coming = false;
  #through = new Proxy(
    {},
    {
      get: (_, name) => this.#look(name),
      has: (_, name) => name in this.#state,
      ownKeys: () => Reflect.ownKeys(this.#state),
      getOwnPropertyDescriptor: (_, name) =>
        Object.hasOwn(this.#state, name) ? { value: this.#look(name), enumerable: true, configurable: true } : undefined,
    },
  );

  /** `later`, where the element comes on demand: `{wanted, load}`. */
  constructor(part, later = null) {
    Object.assign(this, { part, later });
  }

  /** Shows the state to the element, or leaves the element as it is. */
  update(state, backend) {
    const before = this.#state;
    this.#state = state;
    if (this.later) return void this.#fetch(state, backend);
    if (before.route && ![...this.#read].some((name) => before[name] !== state[name])) return;
    this.part.update(this.#through, backend);
  }

  async #fetch(state, backend) {
    this.backend = backend;
    if (this.#coming || !this.later.wanted(state)) return;
    this.#coming = true;
    const opener = document.activeElement;
    try {
      await this.later.load();
      this.later = null;
      this.part.opener = opener;
      this.part.update(this.#through, this.backend);
    } finally {
      this.#coming = false;
    }
  }

  #look(name) {
    this.#read.add(name);
    return this.#state[name];
  }
}
