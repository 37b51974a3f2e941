import { count } from "../grammar.js";

export default {
  many: "Andamento",
  attempt: (number) => `Tentativa ${number}`,
  attempts: (number) => count(number, "tentativa", "tentativas"),
  nextTry: (when) => `Tenta de novo sozinha ${when}.`,
  resume: "Tentar agora",
  carried: "Mantida sem mudanças de uma versão anterior",
  files: (number) => count(number, "arquivo", "arquivos"),
  unnamed: "Algo deu errado.",
  begun: "começou agora",
  elapsed: (time) => `há ${time}`,
  usual: (time) => `normalmente ${time}`,
  slow: (time) => `Está demorando mais do que o normal (${time}). Continua sozinha; você pode sair da página ou cancelar.`,
  waits: "Continua quando uma pessoa aprovar.",
  canceled: "Não começou: a versão foi cancelada.",
  stopped: "Não começou: a versão parou antes.",
  writing: (stage) => `Sendo escrito: ${stage}`,
  preparing: (stage) => `A etapa “${stage}” está sendo preparada. O texto aparece aqui enquanto é escrito.`,
  pausing: (stage) => `A etapa “${stage}” ainda não deu certo e será tentada de novo sozinha. Nada se perde enquanto isso.`,
};
