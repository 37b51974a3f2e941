/** O que se diz onde se procura nos textos. */

export default {
  title: "Busca",
  label: "Buscar em todos os textos",
  placeholder: "Palavras, ou \"palavras em sequência\"",
  send: "Buscar",
  brand: "Só nesta marca",
  approved: "Só aprovados ou concluídos",
  found: (count, more) => (more ? `Os ${count} melhores` : count === 1 ? "1 texto" : `${count} textos`),
  none: (text) => `Nada diz “${text}”`,
  noneHint: "Tente menos palavras, ou procure em todas as marcas. O que acabou de sair pode demorar um segundo.",
  start: "O que você procura?",
  startHint: "A busca lê todos os arquivos publicados, em todas as versões. Acentos e maiúsculas não contam.",
  unknownMark: "Aprovação desconhecida",
  approvedMark: "Aprovado",
  more: "Mostrar mais",
  loading: "Buscando…",
  from: (thread, number) => `${thread} · Versão ${number}`,
};
