/** O que diz o caminho até a paleta de comandos; o resto vem com ela. */

export default {
  open: "Buscar ou fazer algo",
  short: "Buscar…",
};
