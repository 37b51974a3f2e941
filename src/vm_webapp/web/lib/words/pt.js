/** Brazilian Portuguese: one file a noun; a new noun is a line in each list here and in the other language. */

import actors from "./pt/actors.js";
import approval from "./pt/approval.js";
import artifact from "./pt/artifact.js";
import best from "./pt/best.js";
import brand from "./pt/brand.js";
import comment from "./pt/comment.js";
import compare from "./pt/compare.js";
import cost from "./pt/cost.js";
import details from "./pt/details.js";
import events from "./pt/events.js";
import failures from "./pt/failures.js";
import filter from "./pt/filter.js";
import form from "./pt/form.js";
import handing from "./pt/handing.js";
import inbox from "./pt/inbox.js";
import language from "./pt/language.js";
import live from "./pt/live.js";
import navigation from "./pt/navigation.js";
import notice from "./pt/notice.js";
import palette from "./pt/palette.js";
import problems from "./pt/problems.js";
import project from "./pt/project.js";
import reader from "./pt/reader.js";
import request from "./pt/request.js";
import revision from "./pt/revision.js";
import rule from "./pt/rule.js";
import run from "./pt/run.js";
import session from "./pt/session.js";
import stage from "./pt/stage.js";
import statuses from "./pt/statuses.js";
import task from "./pt/task.js";
import theme from "./pt/theme.js";
import thread from "./pt/thread.js";
import timeline from "./pt/timeline.js";
import titles from "./pt/titles.js";

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
globalThis.vmWords = { ...globalThis.vmWords, pt: all };

export default all;
