/** Looking for deliverables, and choosing among versions. */

import { sleep } from "./api.js";
import { asProblem, perform } from "./perform.js";
import { searchHash } from "./router.js";

/** How long a page of versions that something else has asked for is waited for before looking again, milliseconds. */
const ON_ITS_WAY = 50;

export class Finding {
  constructor({ store, backend, go, more }) {
    Object.assign(this, { store, backend, go, more });
  }

  /** The address says what is looked for, so that a search can be linked to and returned to. */
  search({ q, filters = {} }) {
    const hash = searchHash(q, filters);
    if (location.hash === hash) return this.find({ q, filters });
    return this.go(hash);
  }

  async find({ q, filters = {} }) {
    if (!q) return this.store.dispatch({ type: "search_ended", q: this.store.state.search.q, results: [], next: null });
    const { search } = this.store.state;
    if (search.q === q && same(search.filters, filters) && search.status === "ready") return undefined;
    this.store.dispatch({ type: "search_begun", q, filters });
    return this.#read({ q, ...parameters(filters) }, { q, more: false });
  }

  async older() {
    const { q, filters, next } = this.store.state.search;
    return this.#read({ q, ...parameters(filters), after: next }, { q, more: true });
  }

  /** A filter speaks of all versions: those that are not on the page yet are read. */
  async filter(filters) {
    this.store.dispatch({ type: "filters_changed", filters });
    if (Object.values(this.store.state.filters).some(Boolean)) await this.all();
  }

  /** Reads the thread's versions to the first, page by page, while it is open. */
  async all() {
    const { threadId } = this.store.state;
    while (this.store.state.threadId === threadId && this.store.state.runs?.next) {
      const { runs, busy } = this.store.state;
      if (busy.runs) await sleep(ON_ITS_WAY);
      else await this.more("runs");
      if (!busy.runs && this.store.state.runs?.items.length === runs.items.length) return; // the page was refused
    }
  }

  /** Who asked for versions that are not on the page is known to the server alone. */
  async people() {
    const { threadId } = this.store.state;
    const requesters = await perform(this.store, "people", () => this.backend.listRequesters(threadId));
    if (requesters && this.store.state.threadId === threadId) this.store.dispatch({ type: "requesters_loaded", requesters });
  }

  async #read(parameters, { q, more }) {
    try {
      const { results, next } = await this.backend.search(parameters);
      this.store.dispatch({ type: "search_ended", q, results, next, more });
    } catch (error) {
      this.store.dispatch({ type: "search_failed", problem: asProblem(error) });
    }
  }
}

function parameters({ brandId, approved }) {
  return { brand_id: brandId || undefined, approved: approved ? true : undefined };
}

const same = (one = {}, other = {}) =>
  (one.brandId ?? "") === (other.brandId ?? "") && Boolean(one.approved) === Boolean(other.approved);

/** The versions that pass the filters. */
export function filterRuns(runs, { status, mode, person }) {
  return runs.filter(
    (run) =>
      (!status || run.status === status) && (!mode || run.mode === mode) && (!person || run.requested_by === person),
  );
}
