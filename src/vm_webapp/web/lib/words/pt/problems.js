export default {
  unreachable: {
    text: "O servidor não responde.",
    hint: "Veja se ele está ligado. O que você escreveu está guardado; envie de novo, e não será feito duas vezes.",
    readHint: "Veja se ele está ligado e tente de novo.",
  },
  server_error: { text: "O servidor teve um problema.", hint: "Tente de novo daqui a pouco." },
  unknown: { text: "Não deu certo." },
  invalid: { text: "Algo aqui não pode ser aceito como está." },
  not_found: { text: "Isto não está (mais) aqui." },
  thread_closed: { text: "Este trabalho está fechado.", hint: "Reabra-o primeiro." },
  version_conflict: {
    text: "Alguém mudou isto no mesmo momento.",
    hint: "Veja o que há agora e tente de novo.",
  },
  run_settled: {
    text: "Esta versão já terminou.",
    hint: "Peça uma nova, ou tente de novo como nova versão.",
  },
  idempotency_key_in_flight: {
    text: "O servidor ainda está trabalhando nisso.",
    hint: "Envie de novo daqui a pouco; não será feito duas vezes.",
  },
  integrity: {
    text: "Este arquivo não é o que foi publicado.",
    hint: "Foi alterado ou danificado no disco depois de pronto, por isso não é mostrado.",
  },
};
