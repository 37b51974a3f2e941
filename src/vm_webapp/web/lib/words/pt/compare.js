export default {
  title: "Comparar versões",
  close: "Voltar à leitura",
  loading: "Comparando…",
};
