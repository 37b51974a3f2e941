/** What differs between two versions besides their texts, in words. */

import { formatDuration } from "./dates.js";
import { placeOf } from "./deciding_state.js";
import { personText } from "./timeline.js";
import { language, titleOf } from "./words.js";
import tables from "./words/compare.js";
import origin from "./words/origin.js";

const said = tables[language];

/** Rows of `{name, older, newer}` for the facts that are not the same; `stageKey` is the stage whose file is compared. */
export function differences({ older, newer, state, stageKey, writerText, formatCost }) {
  const tell = (run) => facts(run, { state, stageKey, writerText, formatCost });
  const [one, other] = [tell(older), tell(newer)];
  return Object.keys(one)
    .filter((name) => one[name] !== other[name])
    .map((name) => ({ key: name, name: said.fact[name], older: one[name], newer: other[name] }));
}

function facts(run, { state, stageKey, writerText, formatCost }) {
  const stage = run.stages.find(({ stage_key: key }) => key === stageKey);
  const manifest = state.manifests[placeOf(run.run_id, stageKey)];
  const prompt = manifest?.prompt;
  return {
    request: run.request_text,
    asked: personText(run.requested_by, state, run),
    profile: said.profile(titleOf(run.profile.title), run.profile.version),
    prompt: prompt ? origin[language].promptVersion(prompt.template ?? "", prompt.version ?? "") : said.none,
    writer: stage ? writerText(stage, manifest, { state, run }) : said.none,
    feedback: Object.values(run.feedback ?? {}).join("\n") || said.none,
    cost: run.usage ? formatCost(run.usage) : said.none,
    time: run.started_at && run.settled_at ? formatDuration(run.started_at, run.settled_at) : said.none,
  };
}
