/** The verbs that lead elsewhere: to the inbox and through it, to versions, threads, projects and brands. */

import { itemHash } from "./inbox_keys.js";
import { may } from "./rights.js";
import { inboxHash, runHash, threadHash } from "./router.js";
import { twinsOf } from "./twins.js";
import { go, verb } from "./verb.js";
import { language, words } from "./words.js";
import tables from "./words/palette.js";

const said = tables[language].verbs;

export function placeVerbs({ inbox, runs, threads, projects, brands, brandId, projectId }) {
  const count = inbox?.items.length;
  const own = projects[brandId] ?? [];
  const made = twinsOf(brands ?? []);
  return [
    go("inbox", "go", said.inbox, inboxHash, { hint: count ? words.inbox.waiting(count) : "" }),
    ...(runs?.items ?? []).map((run) =>
      go(run.run_id, "go", said.version(run.number), runHash(run.run_id), { hint: words.statuses[run.erased ? "erased" : run.status] }),
    ),
    ...own.flatMap(({ project_id: id, name }) =>
      (threads[id] ?? []).map((one) => go(one.thread_id, "go", one.title, threadHash(one.thread_id), { hint: `${name}${twinsOf(threads[id])(one)}` })),
    ),
    ...own
      .filter(({ project_id: id }) => id !== projectId)
      .map(({ project_id: id, name }) => verb(id, "go", name, (intend) => intend("project_chosen", { projectId: id }), { hint: words.project.choose })),
    ...(brands ?? [])
      .filter(({ brand_id: id }) => id !== brandId)
      .map((one) => verb(one.brand_id, "go", one.name, (intend) => intend("brand_chosen", { brandId: one.brand_id }), { hint: `${words.brand.choose}${made(one)}` })),
  ];
}

/** In the inbox: what the keys do there too. */
export function inboxVerbs(state) {
  const { route, inbox, inboxAt, inboxRuns } = state;
  const items = inbox?.items ?? [];
  const at = items.findIndex(({ item_id: id }) => id === inboxAt);
  const item = items[at];
  if (route.name !== "inbox" || !item) return [];
  const stage = inboxRuns[item.run_id]?.run.stages.find(({ stage_key: key }) => key === item.stage_key);
  const choose = (id, title, next, keys) => next && verb(id, "go", title, (intend) => intend("inbox_selected", { itemId: next.item_id }), { keys });
  return [
    item.kind === "task" && may(state, "edit") && verb("done", "decide", words.inbox.done, (intend) => intend("inbox_task_completed", { item }), { keys: "A" }),
    go("open-item", "go", words.inbox.open, itemHash(item, stage), { keys: "Enter" }),
    choose("next-item", said.nextItem, items[at + 1], "J"),
    choose("previous-item", said.previousItem, items[at - 1], "K"),
  ].filter(Boolean);
}
