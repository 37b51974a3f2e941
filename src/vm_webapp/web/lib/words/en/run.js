import { count } from "../grammar.js";
import actors from "./actors.js";
import statuses from "./statuses.js";

export default {
  many: "Versions",
  version: (number) => `Version ${number}`,
  named: (number, when) => `Version ${number} · ${when}`,
  none: "No versions yet. Your first request makes version 1.",
  more: "Show older versions",
  progress: (done, total) => `${done} of ${count(total, "stage", "stages")} done`,
  steps: (done, total) => `${done} of ${total}`,
  cancel: "Cancel",
  retry: "Try again",
  canceling: "Canceling. The stage at work ends first; what is finished is kept.",
  queued: "Waiting its turn. It starts by itself when the version before it is done.",
  request: "Request",
  by: (who) => `Asked by ${who === actors.human ? "you" : who}`,
  took: (time) => `Took ${time}`,
  forked: (number) => `Goes on from version ${number}`,
  forkedUnknown: "Goes on from an earlier version",
  loading: "Loading this version…",
  failedAt: (stage) => `Stopped at “${stage}”`,
  failed: "This version failed",
  canceled: "This version was canceled",
  retryHint: (number) => `Trying again makes a new version; the finished stages of version ${number} are kept.`,
  notRetryable: "The same request would fail the same way. Change the request or the settings, then try again.",
  settled: (number, status) => `Version ${number}: ${statuses[status].toLowerCase()}.`,
  profile: (title) => `Profile: ${title}`,
  spent: (amount) => `Cost ${amount}`,
};
