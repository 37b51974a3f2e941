/** What is said beside a table of rows; both languages stand together, for it comes with the first file that is shown so. */

import { formatAmount } from "../amounts.js";
import { own } from "./grammar.js";

export default {
  en: {
    title: "Table",
    empty: "This table is empty.",
    find: "Find in the table",
    pages: "Pages of the table",
    previous: "Back",
    next: "On",
    column: (number) => `Column ${number}`,
    sort: (name) => `Sort by ${own(name)}`,
    rows: (found, all) =>
      found === all
        ? `${formatAmount(all)} ${all === 1 ? "row" : "rows"}`
        : `${formatAmount(found)} of ${formatAmount(all)} rows`,
    range: (first, last) => `Rows ${formatAmount(first)} to ${formatAmount(last)}`,
  },
  pt: {
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
  },
};
