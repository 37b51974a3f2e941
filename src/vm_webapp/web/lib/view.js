/** Which of the page's regions are on show. The names stand in index.html as `data-shown-in`. */

export function viewOf({ brands, threadId, thread, threadProblem }) {
  if (threadProblem) return "missing";
  if (thread) return "thread";
  if (!brands || threadId) return "loading";
  return brands.length ? "pick" : "welcome";
}

export function showView(root, state) {
  const view = viewOf(state);
  root.dataset.view = view;
  root.dataset.reading = String(Boolean(state.reader));
  root.dataset.navigation = state.navigationOpen ? "open" : "closed";
  for (const region of root.querySelectorAll("[data-shown-in]")) {
    region.hidden = !region.dataset.shownIn.split(" ").includes(view);
  }
}
