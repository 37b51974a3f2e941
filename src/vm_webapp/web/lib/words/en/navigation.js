export default {
  skip: "Skip to the content",
  open: "Brands, threads and versions",
  view: "How the page looks, and who you are",
  close: "Close",
  loading: "Loading…",
  choose: "Choose…",
  search: "Search",
  place: "Where you are",
  beside: "Decisions, progress and conversation",
  first: "Decisions and progress",
};
