/** What people want of decisions, the inbox, the search and the palette, and who does it; app.js joins it to the rest. */

export function decidingIntents({ store, deciding, inbox, finding, editing, go }) {
  const dispatch = (action) => store.dispatch(action);
  return {
    approved: async (decision) => {
      if (await deciding.approve(decision)) await inbox.refresh();
    },
    rejected: async (decision) => {
      if (await deciding.reject(decision)) await inbox.refresh();
    },
    decision_renewed: (decision) => deciding.showNewest(decision),
    revised: (wish) => deciding.revise(wish),
    forked: (wish) => deciding.fork(wish),
    best_marked: (wish) => deciding.markBest(wish),
    erasure_asked: (wish) => deciding.previewErasure(wish),
    content_erased: (wish) => deciding.erase(wish),
    rules_asked: ({ brandId }) => deciding.loadRules(brandId),
    rule_added: (wish) => deciding.addRule(wish),
    rule_retired: (wish) => deciding.retireRule(wish),

    dialog_opened: ({ dialog }) => dispatch({ type: "dialog_opened", dialog }),
    dialog_closed: ({ name }) => dispatch({ type: "dialog_closed", name }),

    editor_opened: ({ file }) => editing.open(file),
    editor_typed: ({ text }) => editing.typed(text),
    editor_saved: () => editing.save(),
    editor_closed: () => editing.close(),
    editor_left: ({ how }) => editing.leave(how),

    inbox_selected: ({ itemId }) => dispatch({ type: "inbox_selected", itemId }),
    inbox_task_completed: (wish) => inbox.complete(wish),
    inbox_more: () => inbox.more(),
    went: ({ hash }) => go(hash),

    searched: (wish) => finding.search(wish),
    search_more: () => finding.older(),
    people_wanted: () => finding.people(),
    filtered: ({ filters }) => finding.filter(filters),
  };
}
