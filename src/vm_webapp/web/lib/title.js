/** How the browser's tabs, its history and its bookmarks call what is open: what is nearest comes first. */

import { viewOf } from "./view.js";
import { words } from "./words.js";

export function pageTitle(state) {
  return [...(NAMES[viewOf(state)]?.(state) ?? []), "VM"].filter(Boolean).join(" · ");
}

const NAMES = {
  login: () => [words.session.title],
  inbox: () => [words.inbox.title],
  search: ({ route }) => [route.q, words.navigation.search],
  missing: ({ threadProblem: problem }) => [lost(problem).replace(/\.$/, "")],
  thread: ({ route, runs, runDetails, thread }) => {
    const working = runs?.items.find((run) => run.status === "running");
    const shown = route.name === "run" ? runDetails[route.run_id] : null;
    return [
      working && `${words.run.version(working.number)}: ${words.statuses.running}`,
      route.compare && words.compare.title,
      shown && shown.run_id !== working?.run_id && words.run.version(shown.number),
      thread.title,
    ];
  },
};

function lost(problem) {
  if (!problem) return words.thread.lost;
  return problem.code === "not_found" ? words.thread.missing : problem.text;
}
