/** English: one file a noun; a new noun is a line in each list here and in the other language. */

import actors from "./en/actors.js";
import approval from "./en/approval.js";
import artifact from "./en/artifact.js";
import best from "./en/best.js";
import brand from "./en/brand.js";
import comment from "./en/comment.js";
import compare from "./en/compare.js";
import cost from "./en/cost.js";
import details from "./en/details.js";
import events from "./en/events.js";
import failures from "./en/failures.js";
import filter from "./en/filter.js";
import form from "./en/form.js";
import handing from "./en/handing.js";
import inbox from "./en/inbox.js";
import language from "./en/language.js";
import live from "./en/live.js";
import navigation from "./en/navigation.js";
import notice from "./en/notice.js";
import palette from "./en/palette.js";
import problems from "./en/problems.js";
import project from "./en/project.js";
import reader from "./en/reader.js";
import request from "./en/request.js";
import revision from "./en/revision.js";
import rule from "./en/rule.js";
import run from "./en/run.js";
import session from "./en/session.js";
import stage from "./en/stage.js";
import statuses from "./en/statuses.js";
import task from "./en/task.js";
import theme from "./en/theme.js";
import thread from "./en/thread.js";
import timeline from "./en/timeline.js";
import titles from "./en/titles.js";

const all = {
  actors,
  approval,
  artifact,
  best,
  brand,
  comment,
  compare,
  cost,
  details,
  events,
  failures,
  filter,
  form,
  handing,
  inbox,
  language,
  live,
  navigation,
  notice,
  palette,
  problems,
  project,
  reader,
  request,
  revision,
  rule,
  run,
  session,
  stage,
  statuses,
  task,
  theme,
  thread,
  timeline,
  titles,
};

/** For lib/words.js, which may not wait. */
globalThis.vmWords = { ...globalThis.vmWords, en: all };

export default all;
