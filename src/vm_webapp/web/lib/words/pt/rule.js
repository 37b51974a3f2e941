/** O que se diz sobre as regras de uma marca. */

import { own } from "../grammar.js";

const KINDS = {
  forbidden_words: "Palavras que não podem ser ditas",
  tone: "Palavras fora do tom",
  required_text: "Texto que precisa estar lá",
  max_length: "Um tamanho máximo",
};

export default {
  title: (brand) => `Regras de ${own(brand)}`,
  open: "Regras da marca",
  text: "Tudo o que é escrito para a marca é conferido com suas regras. O que quebra uma delas aguarda uma pessoa.",
  none: "Nenhuma regra ainda",
  noneHint: "Crie uma aqui, ou guarde o motivo de uma rejeição como regra.",
  add: "Criar uma regra",
  sentence: "A regra, em uma frase",
  sentenceHint: "Por exemplo: não prometer nada que não possamos cumprir.",
  check: "Como é conferida",
  noCheck: "Só por pessoas e por quem escreve",
  kinds: KINDS,
  words: "Palavras ou expressões, uma por linha",
  required: "O texto",
  characters: "No máximo este número de caracteres",
  retire: "Aposentar",
  retireNamed: (text) => `Aposentar a regra: ${own(text)}`,
  retired: (count) => (count === 1 ? "1 regra aposentada" : `${count} regras aposentadas`),
  from: "De uma rejeição",
  close: "Fechar",
  loading: "Lendo as regras…",
  says: {
    forbidden_words: ({ words }) => `Não pode dizer: ${words.join(", ")}`,
    tone: ({ words }) => `Fora do tom: ${words.join(", ")}`,
    required_text: ({ text }) => `Precisa dizer: ${text}`,
    max_length: ({ characters }) => `No máximo ${characters} caracteres`,
  },
};
