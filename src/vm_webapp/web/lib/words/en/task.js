import { count, own } from "../grammar.js";

export default {
  many: "Tasks",
  failed: (number) => `${number ? `Version ${number}` : "A version"} failed: see why, and try again or let it be.`,
  label: "Add a task",
  send: "Add",
  none: "Nothing to do.",
  complete: (title) => `Complete: ${own(title)}`,
  completed: (number) => count(number, "completed task", "completed tasks"),
  more: "Show older tasks",
  open: (number) => `${number} open`,
};
