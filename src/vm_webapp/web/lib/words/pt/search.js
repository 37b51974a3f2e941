/** O que se diz onde se procura nos textos. */

import { own } from "../grammar.js";

export default {
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
};
