export default {
  many: "Arquivos",
  none: "Os arquivos aparecem aqui conforme cada etapa termina.",
  noneSettled: "Esta versão não tem arquivos.",
  forms: (stage) => `Formatos de ${stage}`,
  views: { markdown: "Texto", text: "Texto", csv: "Tabela", calendar: "Calendário", json: "Dados", image: "Imagem" },
  download: (name) => `Baixar ${name}`,
  read: (name) => `Ler ${name}`,
};
