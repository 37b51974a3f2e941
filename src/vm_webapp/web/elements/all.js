/** Every element of the page, by noun. */

import "./announcer.js";
import "./approval.js";
import "./artifact.js";
import "./brand.js";
import "./comment.js";
import "./form.js";
import "./live.js";
import "./menu.js";
import "./notice.js";
import "./pick.js";
import "./project.js";
import "./reader.js";
import "./request.js";
import "./run.js";
import "./runs.js";
import "./stage.js";
import "./task.js";
import "./theme.js";
import "./thread.js";
import "./timeline.js";
import "./welcome.js";
