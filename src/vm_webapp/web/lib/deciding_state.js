/** What the page knows about decisions, rules, costs and what waits; reduce.js joins it to the rest. Pure. */

export const decidingState = {
  manifests: {},
  shownDigests: {},
  dialog: null,
  erasure: null,
  rules: {},
  costs: {},
  filters: { status: "", mode: "", person: "" },
  inbox: null,
  inboxAt: null,
  inboxRuns: {},
  search: { q: "", status: "idle", results: [], next: null },
  editor: null,
};

/** A stage of a run, as a key. */
export const placeOf = (runId, stageKey) => `${runId}/${stageKey}`;

/** The digest that a person was shown for a stage, which is what a decision binds. */
export function shownDigest(state, run, stage) {
  return state.shownDigests[placeOf(run.run_id, stage.stage_key)] ?? stage.manifest_sha256;
}

/** The name under which is kept what is typed to approve or reject (`form`) exactly these bytes. */
export const draftFor = (form, run, stage, digest) => `${form}:${placeOf(run.run_id, stage.stage_key)}@${digest}`;

/** The name under which is kept what should be different in a stage. */
export const revisionDraft = (runId, stageKey) => `revision:${placeOf(runId, stageKey)}`;

/** Who acts, and in which role; without authentication the owner of the workspace. */
export function whoActs({ session }) {
  return { actor: session?.actor_id ?? "workspace-owner", role: session?.role ?? "admin" };
}

export const decidingChanges = {
  manifests_loaded: (state, { runId, stages }) => ({
    manifests: {
      ...state.manifests,
      ...Object.fromEntries(stages.map((stage) => [placeOf(runId, stage.stage_key), stage])),
    },
  }),
  decision_shown: (state, { place, digest }) => ({ shownDigests: { ...state.shownDigests, [place]: digest } }),

  dialog_opened: (state, { dialog }) => ({ dialog, erasure: null, problems: { ...state.problems, [dialog.name]: null } }),
  erasure_previewed: (_, { found }) => ({ erasure: found }),
  dialog_closed: (state, { name }) => (!name || state.dialog?.name === name ? { dialog: null } : {}),

  rules_loaded: (state, { brandId, rules }) => ({ rules: { ...state.rules, [brandId]: rules } }),
  rule_saved: (state, { rule }) => {
    const known = state.rules[rule.brand_id] ?? [];
    const others = known.filter(({ rule_id: id }) => id !== rule.rule_id);
    return { rules: { ...state.rules, [rule.brand_id]: [rule, ...others] } };
  },
  cost_loaded: (state, { cost }) => ({ costs: { ...state.costs, [`${cost.scope}:${cost.id}`]: cost } }),

  requesters_loaded: (_, { requesters }) => ({ requesters }),
  filters_changed: (state, { filters }) => ({ filters: { ...state.filters, ...filters } }),

  inbox_loaded: (state, { page }) => ({ inbox: page, inboxAt: keep(state, page.items) }),
  inbox_selected: (_, { itemId }) => ({ inboxAt: itemId }),
  inbox_run_loaded: (state, { run, text }) => ({
    inboxRuns: {
      ...state.inboxRuns,
      [run.run_id]: { run, texts: { ...state.inboxRuns[run.run_id]?.texts, ...text } },
    },
  }),

  search_begun: (state, { q, filters }) => ({
    search: { q, filters, status: "loading", results: state.search.results, next: null },
  }),
  search_ended: (state, { q, results, next, more }) =>
    state.search.q === q
      ? { search: { ...state.search, status: "ready", results: more ? [...state.search.results, ...results] : results, next } }
      : {},
  search_failed: (state, { problem }) => ({ search: { ...state.search, status: "failed", problem } }),

  editor_opened: (_, { editor }) => ({ editor }),
  editor_filled: (state, { text, original }) => ({ editor: { ...state.editor, status: "ready", text, original } }),
  editor_failed: (state, { problem }) => ({ editor: { ...state.editor, status: "failed", problem } }),
  editor_typed: (state, { text }) => ({ editor: { ...state.editor, text } }),
  editor_closed: () => ({ editor: null }),
};

/** What was chosen stays chosen; where it is gone, its neighbour takes its place. */
function keep({ inbox, inboxAt }, items) {
  if (items.some(({ item_id: id }) => id === inboxAt)) return inboxAt;
  const at = inbox?.items.findIndex(({ item_id: id }) => id === inboxAt) ?? 0;
  return items[Math.min(Math.max(at, 0), items.length - 1)]?.item_id ?? null;
}
