/** Which of the page's regions are on show. The names stand in index.html as `data-shown-in`. */

export function viewOf({ session, route, brands, threadId, thread, threadProblem }) {
  if (session?.required) return "login";
  if (brands?.length && (route.name === "inbox" || route.name === "search")) return route.name;
  if (threadProblem) return "missing";
  if (thread) return "thread";
  if (!brands || threadId) return "loading";
  return brands.length ? "pick" : "welcome";
}

export function showView(root, state) {
  const view = viewOf(state);
  root.dataset.view = view;
  root.dataset.details = state.details ? "on" : "off";
  root.dataset.navigation = state.navigationOpen ? "open" : "closed";
  for (const region of root.querySelectorAll("[data-shown-in]")) {
    region.hidden = !region.dataset.shownIn.split(" ").includes(view);
  }
}
