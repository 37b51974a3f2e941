/** RFC 4180 text to rows of cells; the separator is the one that the first line uses most. */

export function parseCsv(text) {
  const separator = guessSeparator(text);
  const rows = [];
  let row = [];
  let cell = "";
  let quoted = false;
  for (let at = text.charCodeAt(0) === 0xfeff ? 1 : 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text[(at += 1)];
      else quoted = false;
    } else if (character === '"' && cell === "") quoted = true;
    else if (character === separator) (row.push(cell), (cell = ""));
    else if (character === "\n") (rows.push([...row, cell]), (row = []), (cell = ""));
    else if (character !== "\r") cell += character;
  }
  if (cell || row.length) rows.push([...row, cell]);
  return rows;
}

function guessSeparator(text) {
  const line = text.slice(0, Math.max(0, text.indexOf("\n")) || text.length).replace(/"[^"]*"/g, "");
  return [",", ";", "\t"].toSorted((one, other) => line.split(other).length - line.split(one).length)[0];
}
