export default {
  queued: "Na fila",
  pending: "Não iniciada",
  running: "Em andamento",
  waiting_approval: "Aguardando aprovação",
  completed: "Concluída",
  failed: "Falhou",
  canceled: "Cancelada",
  skipped: "Pulada",
  retrying: "Nova tentativa em breve",
  canceling: "Cancelando",
  open: "Aberta",
  closed: "Fechada",
};
