/** What is said where versions are filtered. */

export default {
  title: "Filter versions",
  open: "Filter",
  on: (count) => (count === 1 ? "1 filter" : `${count} filters`),
  status: "State",
  mode: "Kind",
  person: "Asked by",
  any: "Any",
  clear: "Show all",
  none: "No version fits these filters.",
  shown: (shown, all) => `${shown} of ${all}`,
};
