/** What is said where a person edits a deliverable. */

import { own } from "../grammar.js";

export default {
  title: (name) => `Edit ${own(name)}`,
  text: "Text, in Markdown",
  preview: "Preview",
  save: "Save as a new version",
  cancel: "Stop editing",
  dirty: "Not saved yet",
  clean: "Nothing changed yet",
  restored: "This is what you had written before. It is not saved yet.",
  loading: "Opening the text…",
  hint: (number) => `Version ${number} stays as it is. What comes after this stage is written anew.`,
  leave: "Leave without saving?",
  leaveText: "Your text is not saved as a version yet. It is kept in this tab until you come back to it or throw it away.",
  stay: "Go on editing",
  keep: "Leave, keep the text",
  discard: "Throw the text away",
};
