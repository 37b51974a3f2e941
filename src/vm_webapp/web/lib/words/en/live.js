export default {
  connecting: "Connecting…",
  live: "Live",
  down: "Not live",
  again: ": trying again…",
  gone: "This thread is not here any more",
  refused: "Signed out",
  off: "Paused",
  retry: "Try now",
  told: { down: "Not live. The page tries again by itself.", live: "Live again. What you see is as it is now." },
  about: {
    connecting: "Looking for the server.",
    live: "What you see is as it is now.",
    down: "What you see may be out of date. Nothing is lost: the work goes on on the server, and the page catches up by itself.",
    refused: "Sign in to see what is new.",
    gone: "The server does not know this thread any more.",
    off: "Nobody looked for a while. The page catches up when you come back.",
  },
};
