import { count } from "../grammar.js";
import actors from "./actors.js";
import statuses from "./statuses.js";

export default {
  many: "Versões",
  version: (number) => `Versão ${number}`,
  named: (number, when) => `Versão ${number} · ${when}`,
  none: "Nenhuma versão ainda. Seu primeiro pedido faz a versão 1.",
  more: "Mostrar versões anteriores",
  progress: (done, total) => `${done} de ${count(total, "etapa concluída", "etapas concluídas")}`,
  steps: (done, total) => `${done} de ${total}`,
  cancel: "Cancelar",
  retry: "Tentar de novo",
  canceling: "Cancelando. A etapa em andamento termina primeiro; o que está pronto é mantido.",
  queued: "Na fila. Começa sozinha quando a versão anterior terminar.",
  request: "Pedido",
  by: (who) => `Pedida por ${who === actors.human ? "você" : who}`,
  took: (time) => `Levou ${time}`,
  forked: (number) => `Continua a versão ${number}`,
  forkedUnknown: "Continua uma versão anterior",
  loading: "Carregando esta versão…",
  failedAt: (stage) => `Parou em “${stage}”`,
  failed: "Esta versão falhou",
  canceled: "Esta versão foi cancelada",
  retryHint: (number) => `Tentar de novo faz uma nova versão; as etapas concluídas da versão ${number} são mantidas.`,
  notRetryable: "O mesmo pedido falharia do mesmo jeito. Mude o pedido ou a configuração e tente de novo.",
  settled: (number, status) => `Versão ${number}: ${statuses[status].toLowerCase()}.`,
  profile: (title) => `Perfil: ${title}`,
  spent: (amount) => `Custou ${amount}`,
};
