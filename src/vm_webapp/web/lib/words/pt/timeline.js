import { count } from "../grammar.js";

export default {
  many: "Histórico",
  none: "Nada aconteceu ainda.",
  more: "Mostrar eventos anteriores",
  steps: (number) => count(number, "passo", "passos"),
  record: "Registro",
};
