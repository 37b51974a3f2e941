export default {
  unreachable: {
    text: "O servidor não responde.",
    hint: "Veja se ele está ligado. O que você escreveu está guardado; envie de novo, e não será feito duas vezes.",
    readHint: "Veja se ele está ligado e tente de novo.",
  },
  server_error: { text: "O servidor teve um problema.", hint: "Tente de novo daqui a pouco." },
  unknown: { text: "Não deu certo." },
  not_found: { text: "Isto não está (mais) aqui." },
};
