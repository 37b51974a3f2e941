/**
 * A long list in blocks of some fifty rows: a browser can leave out what a hundred blocks hold that are out of sight, as
 * it cannot with thousands of rows. A block begins at the row at which it began before, so that new rows at either end
 * leave the others where they are.
 */

const USUAL = 50;
const MOST = 2 * USUAL;
const FEWEST = USUAL / 2;

export class Blocks {
  #begins = new Set();
  #known = new Set();

  /** The keys in their order as a list of lists. */
  divide(keys) {
    const blocks = [];
    for (const key of keys) {
      const length = blocks.at(-1)?.length ?? MOST;
      const begins = length >= FEWEST && this.#begins.has(key);
      if (begins || length >= MOST || (length >= USUAL && !this.#known.has(key))) blocks.push([]);
      blocks.at(-1).push(key);
    }
    this.#begins = new Set(blocks.slice(1).map(([first]) => first));
    this.#known = new Set(keys);
    return blocks;
  }
}
