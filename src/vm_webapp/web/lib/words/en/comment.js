export default {
  many: "Comments",
  label: "Add a comment",
  send: "Comment",
  none: "No comments yet.",
  about: (version) => `About ${version.toLowerCase()}`,
  subject: "About",
  whole: "The whole thread",
  stage: (stage, version) => `“${stage}” of ${version.toLowerCase()}`,
  more: "Show older comments",
};
