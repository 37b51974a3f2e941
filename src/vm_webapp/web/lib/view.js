/** Which of the page's regions are on show. The names stand in index.html as `data-shown-in`. */

import { shownRun } from "./shown.js";

export function viewOf({ session, route, brands, brandId, threadId, thread, threadProblem }) {
  if (session?.required) return "login";
  if (!brands) return "loading";
  if (brands.length && (route.name === "inbox" || route.name === "search")) return route.name;
  if (threadProblem) return "missing";
  if (thread) return "thread";
  if (threadId) return "loading";
  if (!brands.length) return "welcome";
  return brandId ? "pick" : "loading";
}

export function showView(root, state) {
  const view = viewOf(state);
  root.dataset.view = view;
  root.dataset.details = state.details ? "on" : "off";
  root.dataset.version = state.runs?.items.length && !shownRun(state) ? "loading" : "known";
  root.dataset.navigation = state.navigationOpen ? "open" : "closed";
  for (const region of root.querySelectorAll("[data-shown-in]")) {
    region.hidden = !region.dataset.shownIn.split(" ").includes(view);
  }
}
