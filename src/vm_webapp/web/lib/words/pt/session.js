export default {
  title: "Quem está aí?",
  text: "Este espaço de trabalho pede um token. Quem o administra pode lhe dar um.",
  token: "Seu token",
  enter: "Entrar",
  entering: "Um momento…",
  wrong: "Este token não é (mais) válido.",
  wrongHint: "Veja se foi copiado por inteiro ou peça um novo.",
  leave: "Sair",
  me: (name, role) => `${name}, ${role}`,
  roles: { viewer: "pode ler", editor: "pode editar", approver: "pode aprovar", admin: "administração" },
};
