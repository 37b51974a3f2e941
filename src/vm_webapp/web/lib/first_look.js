/** What the server answers ahead: early.js asked for it before these modules were here, so each part of it is had at once. */

/** An answer is taken within that time of being asked for, and once: after that the page may have changed. */
const FRESH_FOR = 10_000;

export class FirstLook {
  #answers = {};
  #until = Date.now() + FRESH_FOR;

  /** `asked`: the promise of what the server said, where it was asked. `tell` is handed that answer's headers. */
  constructor(asked, tell) {
    this.coming = this.#read(asked, tell);
  }

  /** What a GET of the path answers, or undefined where that is to be asked for. */
  async take(path) {
    await this.coming;
    const { [path]: answer } = this.#answers;
    delete this.#answers[path];
    return Date.now() < this.#until ? answer : undefined;
  }

  /** What was not taken by now is not to be shown any more: something has happened since. */
  forget() {
    this.#answers = {};
  }

  async #read(asked, tell) {
    const answer = await asked; // null or false where there is none: what is needed is then asked for by itself
    if (!answer) return;
    this.#answers = answer.said?.answers ?? {};
    tell(answer.headers);
  }
}
