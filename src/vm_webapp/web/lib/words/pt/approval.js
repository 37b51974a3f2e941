/** O que se diz onde alguém decide sobre os arquivos de uma etapa. */

const ROLES = { viewer: "leitura", editor: "edição", approver: "aprovação", admin: "administração" };

/** O que quebra uma regra, que fica guardado na frase do servidor (domain/rules.py); o que não está aqui fica como ele diz. */
const PROBLEMS = [
  [/^What must not be said is said: /, "Foi dito o que não pode ser dito: "],
  [/^Off-tone: /, "Fora do tom: "],
  [/^A text that has to be there is missing: /, "Falta o texto que precisa estar lá: "],
  [/” and (\d+) more\.$/, "” e mais $1."],
  [
    /^(.+) has ([\d,]+) characters; ([\d,]+) is the most(?:, and (\d+) more are too long)?\.$/,
    (_, name, has, most, more) => `${name} tem ${dotted(has)} caracteres; o máximo é ${dotted(most)}${more ? `, e mais ${more} passam disso` : ""}.`,
  ],
];
const dotted = (number) => number.replaceAll(",", ".");

export default {
  kicker: "Aguardando uma decisão",
  title: (stage, mine) => `“${stage}” aguarda ${mine ? "sua" : "uma"} aprovação`,
  reading: "Você está lendo exatamente o que será decidido.",
  elsewhere: "Você está lendo outra coisa. Abra o que será decidido:",
  others: (count) => (count === 1 ? "Mais uma etapa aguarda aqui:" : `Mais ${count} etapas aguardam aqui:`),
  who: (role) => ({ editor: "Decidem as pessoas que podem editar.", approver: "Decidem as pessoas que podem aprovar.", admin: "Decide a administração." })[role] ?? "",
  needed: (missing, quorum) => {
    if (quorum === 1) return "É preciso uma aprovação.";
    if (missing === quorum) return `${quorum} pessoas precisam aprovar.`;
    return missing === 1 ? `Falta 1 de ${quorum} aprovações.` : `Faltam ${missing} de ${quorum} aprovações.`;
  },
  fourEyes: "Quem pediu esta versão não pode aprová-la.",
  until: (when, moment) => `Até ${moment} (${when}).`,
  expiry: { fail: "Depois disso a versão falha.", reject: "Depois disso conta como rejeitada." },
  granted: (who, when) => `${who} aprovou ${when}`,
  done: "Você já aprovou. Ainda faltam as outras aprovações.",
  role: (role, mine) => `Seu papel é ${ROLES[mine] ?? mine}. Peça a alguém com o papel de ${ROLES[role] ?? role}.`,
  own: "Você pediu esta versão; outra pessoa precisa aprová-la.",
  comment: "Comentário",
  waiver: "Por que está bom mesmo assim?",
  waiverHint: "Seu motivo fica guardado com seu nome.",
  approve: "Aprovar",
  waive: "Aprovar mesmo assim",
  reject: "Rejeitar…",
  reason: "O que está errado?",
  confirm: "Rejeitar",
  rejectHint: "Rejeitar encerra esta versão. As etapas concluídas são mantidas, e a revisão continua daqui.",
  keep: "Guardar como regra da marca",
  breaches: (count) => (count === 1 ? "Quebra uma regra da marca" : `Quebra ${count} regras da marca`),
  place: (name, line) => (line ? `${name}, linha ${line}` : name),
  morePlaces: (count) => (count === 1 ? "mais 1 lugar" : `mais ${count} lugares`),
  evidence: "Onde",
  problem: (sentence) => PROBLEMS.reduce((told, [pattern, words]) => told.replace(pattern, words), sentence),
  exact: "O que exatamente é aprovado",
  exactHint: "A aprovação nomeia estes arquivos por suas impressões digitais. Se um byte mudar, ela não vale.",
  whole: "Tudo junto",
  changed: "Estes arquivos mudaram desde que você os abriu.",
  reload: "Mostrar os novos arquivos",
  rejected: (stage) => `A etapa “${stage}” foi rejeitada`,
  revise: "Fazer a revisão",
  revisionHint: "Faz uma nova versão, escrita com este motivo em mente.",
  ruleLater: (text) => `A rejeição vale, mas a regra não pôde ser guardada: ${text}`,
  problems: {
    changed: { text: "Os arquivos não são os que você viu.", hint: "Veja o que está lá agora e depois decida." },
    decided: { text: "Alguém já decidiu sobre isto.", hint: "O que foi decidido aparece agora." },
    role: { text: "Seu papel não basta para esta decisão.", hint: "Peça a alguém que o perfil nomeia." },
    own: { text: "Você pediu esta versão, então não pode aprová-la.", hint: "O perfil quer outro par de olhos." },
  },
};
