export default {
  many: "Arquivos",
  none: "Os arquivos aparecem aqui conforme cada etapa termina.",
  noneSettled: "Esta versão não tem arquivos.",
  download: (name) => `Baixar ${name}`,
  read: (name) => `Ler ${name}`,
};
