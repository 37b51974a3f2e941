/** What the way to the command palette says; the rest comes with it. */

export default {
  open: "Search or do something",
  short: "Search…",
};
