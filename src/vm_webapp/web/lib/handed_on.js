/** Every way in which a file, its stage and its version leave the page: `{action, sign, label, beside?}`. */

import { titleOf, words } from "./words.js";

const said = words.handing;

/** The ways for the file on show; `beside` is the file that is meant where it is another one. */
export function handedOn({ run, stage, file, view }) {
  const calendar = view === "calendar" && /\.ics$/i.test(file.name);
  const beside = stage?.artifacts.find(({ path }) => /\.ics$/i.test(path) && !path.endsWith(`/${file.name}`));
  return [
    { action: "download-file", sign: calendar ? "calendar" : "download", label: calendar ? said.calendar : said.file(file.name) },
    view === "markdown" && { action: "download-word", sign: "file-text", label: said.word },
    beside && { action: "download-calendar", sign: "calendar", label: said.calendar, beside: beside.path.split("/").at(-1) },
    stage?.artifacts.length > 1 && { action: "download-stage", sign: "package", label: said.stage(titleOf(stage.title)) },
    run && { action: "download-version", sign: "package", label: said.version },
    { action: "print", sign: "print", label: said.print },
    { action: "link-file", sign: "link", label: said.link },
    run && { action: "link-version", sign: "link", label: said.versionLink },
  ].filter(Boolean);
}
