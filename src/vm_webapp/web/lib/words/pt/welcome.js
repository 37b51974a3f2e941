export default {
  title: "Transforme um pedido em trabalho pronto",
  text: "Diga do que precisa. O texto nasce etapa por etapa, em arquivos para ler, entregar e comparar, versão por versão.",
  brand: "Sua marca",
  project: "Projeto",
  thread: "Trabalho",
  threadHint: "Como o pedido começa",
  request: "Do que você precisa?",
  start: "Começar",
  starting: "Começando…",
  examples: "Comece com um exemplo",
  own: "ou com as suas palavras",
  defaults: { brand: "", project: "Primeiro projeto", thread: "" },
  list: [
    {
      title: "Plano de lançamento",
      project: "Lançamento de primavera",
      thread: "90 dias em torno do lançamento",
      request:
        "Planeje os 90 dias em torno do lançamento da nossa linha de primavera: público e mensagem, canais, um calendário com datas e os primeiros textos de cada canal. Tem que caber em uma equipe de duas pessoas.",
    },
    {
      title: "Volta da newsletter",
      project: "Newsletter",
      thread: "Trazer a newsletter de volta",
      request:
        "Nossa newsletter está parada há seis meses. Planeje a volta: o que dizer primeiro, um ritmo que consigamos manter, temas para o próximo trimestre e a primeira edição.",
    },
    {
      title: "Portas abertas",
      project: "Portas abertas",
      thread: "Encher o dia de portas abertas",
      request:
        "Vamos fazer um dia de portas abertas daqui a oito semanas e queremos 120 visitantes do bairro. Planeje as semanas antes e depois, com datas, canais e textos prontos para usar.",
    },
  ],
};
