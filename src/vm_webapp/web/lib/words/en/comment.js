export default {
  many: "Comments",
  label: "Add a comment",
  send: "Comment",
  none: "No comments yet.",
  about: (version) => `About ${version.toLowerCase()}`,
  subject: "About",
  whole: "The whole thread",
  stage: (stage, version) => `“${stage}” of ${version.toLowerCase()}`,
  menu: "What can be done with this comment",
  erase: "Erase this comment…",
  more: "Show older comments",
};
