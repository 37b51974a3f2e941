/** What is said about everything that waits for a person. */

import { own } from "../grammar.js";

export default {
  title: "Inbox",
  link: (count) => (count ? `Inbox, ${count} waiting` : "Inbox, nothing waits"),
  most: "99+",
  waiting: (count) => (count === 1 ? "1 thing waits" : `${count} things wait`),
  loading: "Opening the inbox…",
  empty: "Nothing waits for you",
  emptyText: "Stages that need a decision and open tasks of all threads appear here by themselves.",
  kinds: { approval: "Decision", task: "Task" },
  where: (thread, number) => (number ? `${own(thread)} · Version ${number}` : own(thread)),
  open: "Open in its thread",
  done: "Mark as done",
  until: (when) => `expires ${when}`,
  keys: [
    ["j k", "next, previous"],
    ["Enter", "open"],
    ["a", "approve"],
    ["r", "reject"],
  ],
  keysTitle: "Keys",
  list: "What waits",
  preview: "What is decided on",
  confirm: (stage) => `Approve “${stage}”?`,
  confirmHint: "Press Enter to approve, Escape to think again.",
  withComment: "Your comment goes with it:",
  yes: "Yes, approve",
  no: "Not yet",
  more: "Show older ones",
  back: "Back to the work",
  noText: "This stage has no text to show here. Open it in its thread.",
  taskText: "A task of this thread.",
};
