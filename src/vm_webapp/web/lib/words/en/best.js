/** What is said about the best version of a thread. */

export default {
  mark: "Best version",
  choose: "Mark as best…",
  title: (version) => `${version} is the best so far`,
  reason: "Why?",
  hint: "New versions that start from an old one start from the best one by default.",
  send: "Mark it",
  by: (who) => `Marked by ${who}, `,
  remove: "Take the mark away",
  cancel: "Cancel",
};
