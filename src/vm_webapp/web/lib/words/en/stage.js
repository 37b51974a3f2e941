import { count } from "../grammar.js";

export default {
  many: "Progress",
  attempt: (number) => `Attempt ${number}`,
  attempts: (number) => count(number, "attempt", "attempts"),
  nextTry: (when) => `Tries again by itself ${when}.`,
  resume: "Try now",
  carried: "Taken over unchanged from an earlier version",
  files: (number) => count(number, "file", "files"),
  unnamed: "Something went wrong.",
  begun: "just begun",
  elapsed: (time) => `${time} so far`,
  usual: (time) => `usually ${time}`,
  slow: (time) => `This takes longer than usual (${time}). It goes on by itself; you can leave the page or cancel.`,
  waits: "Goes on when a person has approved it.",
  canceled: "Did not start: the version was canceled.",
  stopped: "Did not start: the version stopped before it.",
  writing: (stage) => `Being written: ${stage}`,
  preparing: (stage) => `“${stage}” is being prepared. Its text appears here as it is written.`,
  pausing: (stage) => `“${stage}” did not succeed yet and is tried again by itself. Nothing is lost meanwhile.`,
};
