/** Which of the page's regions are on show. The names stand in index.html as `data-shown-in`. */

import { shownRun } from "./shown.js";

export function viewOf({ session, route, brands, brandId, threadId, thread, threadProblem }) {
  if (session?.required) return "login";
  if (!brands) return "loading";
  if (brands.length && (route.name === "inbox" || route.name === "search")) return route.name;
  if (threadProblem || (brands.length && route.name === "lost")) return "missing";
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

/** What waits for a person stands before the text where there is no column beside it: for the eye, for Tab and for readers. */
export function orderByWidth(root) {
  const narrow = matchMedia("(width < 62rem)");
  const [main, beside, first] = ["main", ".beside", ".beside-first"].map((place) => root.querySelector(place));
  const put = () => {
    const held = root.activeElement;
    if (narrow.matches) main.before(first);
    else beside.prepend(first);
    if (first.contains(held)) held.focus();
  };
  narrow.addEventListener("change", put);
  if (narrow.matches) put();
}
