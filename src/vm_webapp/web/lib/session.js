/** Who sits at the page: asked once, and again whenever the server wants to know. */

import { forgetDrafts } from "./drafts.js";
import { insist, perform } from "./perform.js";

export class Session {
  constructor({ store, backend }) {
    Object.assign(this, { store, backend });
  }

  /** Whether the page may go on; where somebody has to sign in first it may not. */
  async load() {
    try {
      const session = await insist(
        () => this.backend.getSession(),
        () => true,
      );
      this.store.dispatch({ type: "session_known", session });
      return true;
    } catch (problem) {
      if (problem.code !== "unauthorized") throw problem;
      return false;
    }
  }

  async start({ token }) {
    const session = await perform(this.store, "session", () => this.backend.startSession(token));
    if (session) this.store.dispatch({ type: "session_known", session });
    return Boolean(session);
  }

  /** Nothing of what was on the page stays, nor of what was typed into it: the next person begins anew. */
  async end() {
    const ended = await perform(this.store, "session", () => this.backend.endSession());
    if (!ended) return;
    forgetDrafts();
    location.hash = "";
    location.reload();
  }
}
