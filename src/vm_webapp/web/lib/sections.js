/**
 * A long Markdown text in sections that can be read alone: cut before headings that nothing reaches across, so that the
 * first screen need not wait for the whole. A heading at the beginning of a line ends every list, quote and table
 * (CommonMark 0.31, sections 4.2 and 5); what a cut would break is a block of code, HTML, and links that are named in
 * one place and spelled out in another. Where such a thing begins that is not plainly closed, the rest is one section.
 */

const HEADING = /^#{1,6} /;
/** The beginning of a block of code; what has another backtick behind it is code within a line. */
const FENCE = /^(?:(`{3,})[^`]*|(~{3,})[^\n]*)$/;
/** Where links are spelled out, in a list or a quote as well. */
const LINK_NAMES = /\[[^\]\n]+\]:/;
/** Code within a list or a quote, or HTML: no more is cut behind it. */
const OPEN_ENDED = /^(?:[ \t]*<|[ \t>*+\-\d.)]+(?:`{3}|~{3}))/;

/** The sections, the first and each other not shorter than that, but for the last; and how many headings there are. */
export function sectionsOf(text, [first, other]) {
  const cuts = [0];
  let whole = LINK_NAMES.test(text);
  let headings = 0;
  let fence = null;
  let at = 0;
  for (const line of text.split("\n")) {
    if (fence) {
      if (closes(line, fence)) fence = null;
    } else if (FENCE.test(line)) [fence] = /^(`+|~+)/.exec(line);
    else if (OPEN_ENDED.test(line)) whole = true;
    else if (HEADING.test(line)) {
      headings += 1;
      if (!whole && at - cuts.at(-1) >= (cuts.length > 1 ? other : first)) cuts.push(at);
    }
    at += line.length + 1;
  }
  return { sections: cuts.map((from, index) => text.slice(from, cuts[index + 1])), headings };
}

/** A block of code ends with as many of the same marks, or more, indented by three at the most, and nothing else. */
function closes(line, fence) {
  const marks = line.trim();
  return !/^ {4}|^\t/.test(line) && marks.length >= fence.length && marks === fence[0].repeat(marks.length);
}
