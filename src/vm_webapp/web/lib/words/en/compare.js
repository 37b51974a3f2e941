export default {
  title: "Compare versions",
  close: "Back to reading",
  loading: "Comparing…",
};
