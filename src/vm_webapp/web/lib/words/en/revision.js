/** What is said where a new version is made out of an old one. */

export default {
  tools: (stage) => `Go on from “${stage}”`,
  ask: "Ask for a revision…",
  edit: "Edit the text",
  title: (stage) => `Revise “${stage}”`,
  feedback: "What should be different?",
  hint: (number) => `This makes a new version. Version ${number} stays as it is, and finished stages that are not concerned are kept.`,
  send: "Ask for the revision",
  fork: "Start from a version…",
  forkTitle: "A new version that starts from an old one",
  from: "Starting from",
  best: "best version",
  stage: "Begin again at",
  start: "the first stage",
  kept: (titles) => (titles.length ? `Kept as they are: ${titles.join(", ")}.` : "Everything is written anew."),
  request: "The request",
  change: "What should change in that stage?",
  forkSend: "Make the version",
  optional: "optional",
  cancel: "Cancel",
};
