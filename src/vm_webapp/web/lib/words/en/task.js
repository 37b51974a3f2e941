import { count } from "../grammar.js";

export default {
  many: "Tasks",
  label: "Add a task",
  send: "Add",
  none: "Nothing to do.",
  complete: (title) => `Complete: ${title}`,
  completed: (number) => count(number, "completed task", "completed tasks"),
  more: "Show older tasks",
  open: (number) => `${number} open`,
};
