export default {
  skip: "Skip to the content",
  open: "Brands, threads and versions",
  close: "Close",
  loading: "Loading…",
  place: "Where you are",
  beside: "Decisions, progress and conversation",
};
