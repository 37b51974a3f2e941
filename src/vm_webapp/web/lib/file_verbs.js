/** The verbs of the file on show: read it in another way, compare it, hand it on; and of the views that have buttons of their own. */

import { isFormatted, nameOf, viewOf } from "./file.js";
import { handedOn } from "./handed_on.js";
import { fileHash } from "./router.js";
import { isGone, shownDraft, shownRun } from "./shown.js";
import { go, press, verb } from "./verb.js";
import { language, titleOf, words } from "./words.js";
import compare from "./words/compare.js";
import editor from "./words/editor.js";
import tables from "./words/palette.js";

const said = tables[language].verbs;

/** What can be done with the text in the centre. */
export function fileVerbs(state) {
  if (!["run", "thread"].includes(state.route.name)) return [];
  if (state.editor) return editorVerbs();
  if (state.route.compare) return comparisonVerbs(state);
  const { reader } = state;
  if (!reader || shownDraft(state) || isGone(state, reader.file)) return [];
  const { file } = reader;
  const view = viewOf(file);
  const ready = reader.status === "ready";
  const tools = [
    ready && isFormatted(view) && press("source", "file", reader.raw ? said.formatted : said.source),
    ready && view !== "image" && press("copy", "file", said.copy, { shown: true }),
    comparable(state) && press("compare", "file", said.compare),
    press("origin", "file", reader.origin ? said.hideOrigin : said.origin),
    ready && view === "calendar" && !reader.raw && press("calendar-view", "file", said.calendarView),
  ];
  return [...tools.filter(Boolean), ...neighbours(state, file), ...handingVerbs(state, file, view)];
}

/** Every file of the version, by name. */
export function filePlaces(run) {
  return (run?.stages ?? []).flatMap((stage) =>
    stage.artifacts.map((artifact) => {
      const name = nameOf(artifact);
      const hash = fileHash({ run_id: run.run_id, stage_key: stage.stage_key, name });
      return go(`file-${stage.stage_key}-${name}`, "go", name, hash, { hint: titleOf(stage.title) });
    }),
  );
}

function editorVerbs() {
  return [press("save", "file", editor[language].save), press("stop-editing", "file", editor[language].cancel)];
}

function comparisonVerbs({ comparison }) {
  const found = comparison?.status === "ready" ? comparison.found : null;
  const changes = found?.rows?.some(({ kind }) => kind !== "same");
  return [
    ...(changes ? [press("next-change", "file", compare[language].next), press("previous-change", "file", compare[language].previous)] : []),
    changes && press("fold", "file", said.foldChanges),
    press("swap", "file", compare[language].swap),
    press("close", "file", words.compare.close),
  ].filter(Boolean);
}

function comparable({ runs, reader }) {
  return runs?.items.some((row) => row.run_id !== reader.file.run_id && row.stages_done > 0);
}

/** The file after this one and the one before it, in the order of the stages. */
function neighbours(state, { stage_key: stageKey, name }) {
  const run = shownRun(state);
  const all = (run?.stages ?? []).flatMap((stage) =>
    stage.artifacts.map((artifact) => ({ run_id: run.run_id, stage_key: stage.stage_key, name: nameOf(artifact) })),
  );
  const at = all.findIndex((file) => file.stage_key === stageKey && file.name === name);
  const to = (id, title, file) => file && go(id, "file", title, fileHash(file), { hint: file.name });
  return [at >= 0 && to("next-file", said.nextFile, all[at + 1]), to("previous-file", said.previousFile, all[at - 1])].filter(Boolean);
}

function handingVerbs(state, file, view) {
  const run = state.runDetails[file.run_id];
  const stage = run?.stages.find(({ stage_key: key }) => key === file.stage_key);
  return handedOn({ run, stage, file, view }).map(({ action, label }) =>
    press(action, "hand", label, { shown: action.startsWith("link") }),
  );
}
