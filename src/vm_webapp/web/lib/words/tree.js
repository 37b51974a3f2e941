/** What is said beside JSON; both languages stand together, for it comes with the first file that is shown so. */

import { count } from "./grammar.js";

export default {
  en: {
    all: "Everything",
    openAll: "Open all",
    closeAll: "Close all",
    empty: "empty",
    items: (number) => count(number, "item", "items"),
    fields: (number) => count(number, "field", "fields"),
    more: (number) => `Show more (${number})`,
  },
  pt: {
    all: "Tudo",
    openAll: "Abrir tudo",
    closeAll: "Fechar tudo",
    empty: "vazio",
    items: (number) => count(number, "item", "itens"),
    fields: (number) => count(number, "campo", "campos"),
    more: (number) => `Mostrar mais (${number})`,
  },
};
