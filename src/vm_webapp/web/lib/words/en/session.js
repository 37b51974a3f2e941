export default {
  title: "Who is there?",
  text: "This workspace asks for a token. Whoever runs it can give you one.",
  token: "Your token",
  enter: "Come in",
  entering: "One moment…",
  wrong: "This token is not valid (any more).",
  wrongHint: "Check that all of it was copied, or ask for a new one.",
  leave: "Sign out",
  me: (name, role) => `${name}, ${role}`,
  roles: { viewer: "may read", editor: "may edit", approver: "may approve", admin: "administrator" },
};
