import { own } from "../grammar.js";

import { formatAmount } from "../../amounts.js";

export default {
  title: "Tabela",
  empty: "Esta tabela está vazia.",
  find: "Buscar na tabela",
  pages: "Páginas da tabela",
  previous: "Voltar",
  next: "Avançar",
  column: (number) => `Coluna ${number}`,
  sort: (name) => `Ordenar por ${own(name)}`,
  rows: (found, all) =>
    found === all
      ? `${formatAmount(all)} ${all === 1 ? "linha" : "linhas"}`
      : `${formatAmount(found)} de ${formatAmount(all)} linhas`,
  range: (first, last) => `Linhas ${formatAmount(first)} a ${formatAmount(last)}`,
};
