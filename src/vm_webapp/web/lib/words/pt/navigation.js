export default {
  skip: "Ir para o conteúdo",
  open: "Marcas, trabalhos e versões",
  close: "Fechar",
  loading: "Carregando…",
  place: "Onde você está",
  beside: "Decisões, andamento e conversa",
};
