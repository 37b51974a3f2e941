/** O que se diz onde alguém edita um texto. */

import { own } from "../grammar.js";

export default {
  title: (name) => `Editar ${own(name)}`,
  text: "Texto, em Markdown",
  preview: "Prévia",
  save: "Salvar como nova versão",
  cancel: "Parar de editar",
  dirty: "Ainda não salvo",
  clean: "Nada mudou ainda",
  restored: "Isto é o que você havia escrito antes. Ainda não está salvo.",
  loading: "Abrindo o texto…",
  hint: (number) => `A versão ${number} fica como está. O que vem depois desta etapa é escrito de novo.`,
  leave: "Sair sem salvar?",
  leaveText: "Seu texto ainda não é uma versão. Ele fica guardado nesta aba até você voltar ou jogá-lo fora.",
  stay: "Continuar editando",
  keep: "Sair, guardar o texto",
  discard: "Jogar o texto fora",
};
