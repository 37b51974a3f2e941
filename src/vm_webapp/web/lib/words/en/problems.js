export default {
  unreachable: {
    text: "The server cannot be reached.",
    hint: "Check that it is running. What you wrote is kept; send it again and it will not be done twice.",
    readHint: "Check that it is running, then try again.",
  },
  server_error: { text: "The server had a problem.", hint: "Try again in a moment." },
  unknown: { text: "That did not work." },
  not_found: { text: "This is not here (any more)." },
};
