/** O que se diz sobre a melhor versão de um trabalho. */

export default {
  mark: "Melhor versão",
  choose: "Marcar como a melhor…",
  title: (version) => `${version} é a melhor até agora`,
  reason: "Por quê?",
  hint: "Novas versões que partem de uma anterior partem da melhor, se nada for dito.",
  send: "Marcar",
  by: (who) => `Marcada por ${who}, `,
  remove: "Tirar a marca",
  cancel: "Cancelar",
};
