import { count } from "../grammar.js";

export default {
  all: "Everything",
  openAll: "Open all",
  closeAll: "Close all",
  empty: "empty",
  items: (number) => count(number, "item", "items"),
  fields: (number) => count(number, "field", "fields"),
  more: (number) => `Show more (${number})`,
};
