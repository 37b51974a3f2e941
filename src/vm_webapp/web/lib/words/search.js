/** What is said where deliverables are looked for; both languages stand together, for it comes with the first search. */

import { own } from "./grammar.js";

export default {
  en: {
    title: "Search",
    label: "Search in all deliverables",
    placeholder: "Words, or \"words in a row\"",
    send: "Search",
    brand: "In this brand only",
    inBrand: "Only in the brand",
    approved: "Approved or finished only",
    approvedHint: "(without “Approval not known”)",
    found: (count, more) => (more ? `The best ${count}` : count === 1 ? "1 deliverable" : `${count} deliverables`),
    none: (text) => `Nothing says “${own(text)}”`,
    noneHint: (narrowed) => `Try fewer words${narrowed ? ", or untick what narrows the search" : ""}. What was published a moment ago may take a second.`,
    start: "What are you looking for?",
    startHint: "The search reads every file that was published, in all versions. Accents and capitals do not count.",
    unknownMark: "Approval not known",
    approvedMark: "Approved",
    more: "Show more",
    loading: "Searching…",
  },
  pt: {
    title: "Busca",
    label: "Buscar em todos os textos",
    placeholder: "Palavras, ou \"palavras em sequência\"",
    send: "Buscar",
    brand: "Só nesta marca",
    inBrand: "Só na marca",
    approved: "Só aprovados ou concluídos",
    approvedHint: "(sem os de “Aprovação desconhecida”)",
    found: (count, more) => (more ? `Os ${count} melhores` : count === 1 ? "1 texto" : `${count} textos`),
    none: (text) => `Nada diz “${own(text)}”`,
    noneHint: (narrowed) => `Tente menos palavras${narrowed ? ", ou desmarque o que restringe a busca" : ""}. O que acabou de ser publicado pode demorar um segundo.`,
    start: "O que você procura?",
    startHint: "A busca lê todos os arquivos publicados, em todas as versões. Acentos e maiúsculas não contam.",
    unknownMark: "Aprovação desconhecida",
    approvedMark: "Aprovado",
    more: "Mostrar mais",
    loading: "Buscando…",
  },
};
