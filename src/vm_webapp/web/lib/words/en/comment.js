export default {
  many: "Comments",
  label: "Add a comment",
  send: "Comment",
  none: "No comments yet.",
  about: (version) => `About ${version.toLowerCase()}`,
  more: "Show older comments",
};
