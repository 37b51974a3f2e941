import { count } from "../grammar.js";

export default {
  all: "Tudo",
  openAll: "Abrir tudo",
  closeAll: "Fechar tudo",
  empty: "vazio",
  items: (number) => count(number, "item", "itens"),
  fields: (number) => count(number, "campo", "campos"),
  more: (number) => `Mostrar mais (${number})`,
};
