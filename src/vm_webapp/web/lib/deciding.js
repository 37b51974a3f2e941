/**
 * What a person decides: yes or no to exactly the bytes that were shown, a revision, a fork, the best version, a rule.
 *
 * The digest that is sent is the one that was on show when the person began to look, never a newer one.
 */

import { draftFor, placeOf, revisionDraft, shownDigest, whoActs } from "./deciding_state.js";
import { keepDraft } from "./drafts.js";
import { asProblem, perform } from "./perform.js";
import { shownRunId } from "./reduce.js";
import { runHash } from "./router.js";
import { words } from "./words.js";

export class Deciding {
  #asked = new Set();

  constructor({ store, backend, go }) {
    Object.assign(this, { store, backend, go });
    store.follow((state) => this.#follow(state));
  }

  async approve(decision) {
    const { run, stage, comment = "" } = decision;
    const taken = await this.#decide(decision, (digest) =>
      this.backend.approveStage(run.run_id, stage.stage_key, { manifest_sha256: digest, comment }),
    );
    return Boolean(taken);
  }

  /** Says no; where the person wants it, the reason is then kept as a rule. A rule that is refused leaves the no as it is. */
  async reject(decision) {
    const { run, stage, reason, rule } = decision;
    const taken = await this.#decide(decision, (digest) =>
      this.backend.rejectStage(run.run_id, stage.stage_key, { manifest_sha256: digest, reason }),
    );
    if (!taken || !rule) return Boolean(taken);
    const body = { ...rule, from_rejection: { run_id: run.run_id, stage_key: stage.stage_key } };
    try {
      this.store.dispatch({ type: "rule_saved", rule: await this.backend.addRule(run.brand_id, body) });
    } catch (error) {
      const { text, hint } = asProblem(error);
      this.store.dispatch({ type: "noticed", notice: { text: words.approval.ruleLater(text), hint } });
    }
    return true;
  }

  /** A new version in which a stage is written again: for the reason of its rejection, or for the feedback given. */
  async revise({ runId, stageKey, feedback }) {
    const body = { ...(stageKey && { stage_key: stageKey }), ...(feedback && { feedback }) };
    const revised = await perform(this.store, "revision", () => this.backend.reviseRun(runId, body));
    if (revised && feedback) keepDraft(revisionDraft(runId, stageKey), "");
    this.show(revised, "revision");
  }

  async fork({ runId, values, done }) {
    const forked = await perform(this.store, "fork", () => this.backend.forkRun(runId, values));
    if (forked) done();
    this.show(forked, "fork");
  }

  /** Marks the best version, or with a run of null takes the mark away. */
  async markBest({ runId, reason = "", done = null }) {
    const { threadId } = this.store.state;
    const body = { run_id: runId, reason };
    const thread = await perform(this.store, "best", () => this.backend.markBest(threadId, body));
    if (!thread) return;
    done?.();
    this.store.dispatch({ type: "thread_saved", thread });
    this.store.dispatch({ type: "dialog_closed", name: "best" });
  }

  /** What would be erased: by `run_id`, `comment_id`, or the whole thread. */
  async previewErasure({ subject }) {
    const { threadId } = this.store.state;
    const found = await perform(this.store, "preview", () => this.backend.previewErasure(threadId, subject));
    if (found) this.store.dispatch({ type: "erasure_previewed", found });
  }

  /** Erases for good; the thread is read anew when the event of it arrives. */
  async erase({ subject, reason, done }) {
    const { threadId } = this.store.state;
    const erased = await perform(this.store, "erasure", () => this.backend.erase(threadId, { ...subject, reason }));
    if (!erased) return;
    done();
    this.store.dispatch({ type: "dialog_closed", name: "erasure" });
  }

  async loadRules(brandId) {
    const rules = await perform(this.store, "rules", () => this.backend.listRules(brandId));
    if (rules) this.store.dispatch({ type: "rules_loaded", brandId, rules });
  }

  async addRule({ brandId, values, done }) {
    const rule = await perform(this.store, "rule", () => this.backend.addRule(brandId, values));
    if (!rule) return;
    this.store.dispatch({ type: "rule_saved", rule });
    done();
  }

  async retireRule({ brandId, ruleId }) {
    const rule = await perform(this.store, "rule", () => this.backend.retireRule(brandId, ruleId));
    if (rule) this.store.dispatch({ type: "rule_saved", rule });
  }

  /** Turns to the files as they are now: they are read again, and a decision binds these. */
  showNewest({ run, stage }) {
    const place = placeOf(run.run_id, stage.stage_key);
    this.store.dispatch({ type: "decision_shown", place, digest: stage.manifest_sha256 });
    this.store.dispatch({ type: "reader_left" });
  }

  /** Reads a version that is not on show, such as the one that another starts from. */
  async read(runId) {
    this.#take(await this.backend.getRun(runId));
  }

  /** Turns to a run that was just made. */
  show(run, dialog) {
    if (!run) return;
    this.store.dispatch({ type: "dialog_closed", name: dialog });
    this.#take(run);
    this.go(runHash(run.run_id));
  }

  /** Notes what a person begins to look at, and reads the evidence for what breaks rules. */
  #follow(state) {
    const run = state.runDetails[shownRunId(state)];
    for (const stage of run?.stages ?? []) this.note(state, run, stage);
    const cost = run && this.#budgetsOf(state, run);
    for (const [scope, id] of cost ?? []) this.#once(`${scope}:${id}:${run.run_id}:${run.status}`, () => this.#loadCost(scope, id));
  }

  /** Notes the digest of a stage that waits, the first time that it is on show. */
  note(state, run, stage) {
    if (stage.status !== "waiting_approval") return;
    const place = placeOf(run.run_id, stage.stage_key);
    if (!state.shownDigests[place])
      this.store.dispatch({ type: "decision_shown", place, digest: stage.manifest_sha256 });
    if (stage.gate?.breaches.length) this.#once(`${place}:${stage.manifest_sha256}`, () => this.#loadManifests(run));
  }

  async #loadManifests({ run_id: runId }) {
    this.store.dispatch({ type: "manifests_loaded", runId, stages: await this.backend.listManifests(runId) });
  }

  #budgetsOf({ brands, projects }, run) {
    const brand = brands?.find(({ brand_id: id }) => id === run.brand_id);
    const project = projects[run.brand_id]?.find(({ project_id: id }) => id === run.project_id);
    return [brand?.budget_usd && ["brand", run.brand_id], project?.budget_usd && ["project", run.project_id]].filter(Boolean);
  }

  async #loadCost(scope, id) {
    this.store.dispatch({ type: "cost_loaded", cost: await this.backend.getCost(scope, id) });
  }

  /** Reads something once; what could not be read is asked for again with the next change. */
  #once(key, read) {
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    read().catch((error) => {
      asProblem(error);
      this.#asked.delete(key);
    });
  }

  async #decide({ run, stage }, send) {
    const digest = shownDigest(this.store.state, run, stage);
    const taken = await perform(this.store, "approval", async () => {
      try {
        return await send(digest);
      } catch (error) {
        throw await this.#explain(asProblem(error), { run, stage });
      }
    });
    if (!taken) return taken;
    for (const form of ["approval", "rejection"]) keepDraft(draftFor(form, run, stage, digest), "");
    this.#take(taken);
    return taken;
  }

  /** A refusal in words that fit: what is there now is read and shown, for the refusal says that it is something else. */
  async #explain(problem, { run, stage }) {
    const said = words.approval.problems;
    if (problem.code === "forbidden") return Object.assign(problem, said.role);
    if (problem.code === "not_yours") {
      const own = stage.gate?.four_eyes && run.requested_by === whoActs(this.store.state).actor;
      return Object.assign(problem, own ? said.own : said.role);
    }
    if (problem.status !== 409) return problem;
    const now = await this.backend.getRun(run.run_id).catch(() => null);
    if (!now) return problem;
    this.#take(now);
    const same = now.stages.find(({ stage_key: key }) => key === stage.stage_key);
    const fitting = same?.status === "waiting_approval" ? said.changed : said.decided;
    return Object.assign(problem, fitting, { runId: run.run_id });
  }

  #take(run) {
    this.store.dispatch({ type: "run_loaded", run, words: words.run.told(run.number, run.status) });
    if (this.store.state.inboxRuns[run.run_id]) this.store.dispatch({ type: "inbox_run_loaded", run });
  }
}
