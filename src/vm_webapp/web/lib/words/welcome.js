/** What an empty workspace says; both languages stand together, for most visits never see it. */

export default {
  en: {
    title: "Turn a request into finished work",
    text: "Say what you need. It is written stage by stage into files you can read, hand on and compare, version by version.",
    brand: "Your brand",
    project: "Project",
    thread: "Thread (a piece of work)",
    threadHint: "As the request begins",
    request: "What do you need?",
    start: "Start",
    starting: "Starting…",
    examples: "Begin with an example",
    own: "or with your own words",
    defaults: { brand: "", project: "First project", thread: "" },
    list: [
      {
        title: "Launch plan",
        project: "Spring launch",
        thread: "90 days around the launch",
        request:
          "Plan the 90 days around the launch of our new spring range: audience and message, channels, a dated calendar, and the first texts for each channel. Keep it doable for a team of two.",
      },
      {
        title: "Newsletter revival",
        project: "Newsletter",
        thread: "Bring the newsletter back",
        request:
          "Our newsletter has been silent for six months. Plan how we come back: what to say first, a rhythm we can keep, topics for the next quarter, and the first issue.",
      },
      {
        title: "Open day",
        project: "Open day",
        thread: "Fill the open day",
        request:
          "We hold an open day in eight weeks and want 120 visitors from the neighbourhood. Plan the weeks before and after, with dates, channels, and texts ready to use.",
      },
    ],
  },
  pt: {
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
  },
};
