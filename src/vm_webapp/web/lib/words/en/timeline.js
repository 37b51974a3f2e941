import { count } from "../grammar.js";

export default {
  many: "History",
  none: "Nothing has happened yet.",
  more: "Show earlier events",
  steps: (number) => count(number, "step", "steps"),
  record: "Record",
};
