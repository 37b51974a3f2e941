export default { save: "Salvar", make: "Criar", cancel: "Cancelar", optional: "opcional", missing: (label) => `Preencha “${label}” primeiro.` };
