export default {
  connecting: "Conectando…",
  live: "Ao vivo",
  down: "Sem conexão",
  again: ": tentando de novo…",
  gone: "Este trabalho não existe mais",
  refused: "Desconectado",
  off: "Em pausa",
  retry: "Tentar agora",
  told: { down: "Sem conexão. A página tenta de novo sozinha.", live: "De novo ao vivo. O que você vê é o estado atual." },
  about: {
    connecting: "Procurando o servidor.",
    live: "O que você vê é o estado atual.",
    down: "O que você vê pode estar desatualizado. Nada se perde: o trabalho continua no servidor, e a página se atualiza sozinha.",
    refused: "Entre de novo para ver o que há de novo.",
    gone: "O servidor não conhece mais este trabalho.",
    off: "Ninguém olhou por um tempo. A página se atualiza quando você voltar.",
  },
};
