/** O que se diz sobre o custo dos modelos. */

export default {
  line: (writer) => `Escrito por ${writer}`,
  tokens: (amount) => `${amount} tokens`,
  unknown: "custo desconhecido",
  partly: (usd) => `${usd}, e mais a preço desconhecido`,
  reserved: (usd) => `até ${usd} a mais, não confirmado`,
  budget: { run: "Orçamento desta versão", project: "Orçamento do projeto", brand: "Orçamento da marca" },
  left: (left, limit) => `restam ${left} de ${limit}`,
  over: (limit) => `${limit}, tudo gasto`,
  stages: "Por etapa",
};
