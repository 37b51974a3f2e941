/** What is said where a text is edited; both languages stand together, for it comes with the first text that is. */

import { own } from "./grammar.js";

export default {
  en: {
    title: (name) => `Edit ${own(name)}`,
    text: "Text, in Markdown",
    preview: "Preview",
    save: "Save as a new version",
    cancel: "Stop editing",
    dirty: "Not saved yet",
    clean: "Nothing changed yet",
    restored: "This is what you had written before. It is not saved yet.",
    loading: "Opening the text…",
    hint: (number) => `Version ${number} stays as it is. What comes after this stage is written anew.`,
    leave: "Leave without saving?",
    leaveText: "Your text is not saved as a version yet. It is kept in this tab until you come back to it or throw it away.",
    stay: "Go on editing",
    keep: "Leave, keep the text",
    discard: "Throw the text away",
  },
  pt: {
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
  },
};
