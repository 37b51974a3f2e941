export default {
  unreachable: {
    text: "The server cannot be reached.",
    hint: "Check that it is running. What you wrote is kept; send it again and it will not be done twice.",
    readHint: "Check that it is running, then try again.",
  },
  server_error: { text: "The server had a problem.", hint: "Try again in a moment." },
  unknown: { text: "That did not work." },
  invalid: { text: "Something here cannot be taken as it is." },
  not_found: { text: "This is not here (any more)." },
  thread_closed: { text: "This thread is closed.", hint: "Reopen it first." },
  version_conflict: {
    text: "Somebody changed this at the same moment.",
    hint: "Look at what is there now and try again.",
  },
  run_settled: {
    text: "This version is already finished.",
    hint: "Ask for a new one, or try it again as a new version.",
  },
  idempotency_key_in_flight: {
    text: "The server is still working on this.",
    hint: "Send it again in a moment; it will not be done twice.",
  },
  integrity: {
    text: "This file is not what was published.",
    hint: "It was changed or damaged on disk after it was made, so it is not shown.",
  },
};
