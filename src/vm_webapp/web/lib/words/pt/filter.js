/** O que se diz onde se filtram versões. */

export default {
  title: "Filtrar versões",
  open: "Filtrar",
  on: (count) => (count === 1 ? "1 filtro" : `${count} filtros`),
  status: "Estado",
  mode: "Tipo",
  person: "Pedida por",
  any: "Qualquer",
  clear: "Mostrar todas",
  none: "Nenhuma versão passa nestes filtros.",
  shown: (shown, all) => `${shown} de ${all}`,
};
