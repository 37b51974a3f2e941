export default {
  skip: "Ir para o conteúdo",
  open: "Marcas, trabalhos e versões",
  view: "Como a página aparece e quem você é",
  close: "Fechar",
  loading: "Carregando…",
  choose: "Escolha…",
  search: "Busca",
  place: "Onde você está",
  beside: "Decisões, andamento e conversa",
  first: "Decisões e andamento",
};
