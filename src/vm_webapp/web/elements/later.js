/** Elements that most visits never see: each comes when the state first asks for it. */

import { prepareAll } from "./content.js";

export const later = {
  "vm-form": { wanted: ({ form }) => form, load: () => import("./form.js") },
  "vm-login": { wanted: ({ session }) => session?.required, load: () => import("./login.js") },
  "vm-welcome": { wanted: ({ brands }) => brands?.length === 0, load: () => import("./welcome.js") },
};

/** What else comes behind the first deliverable, so that it is there when the server is not. */
export const rest = [prepareAll, () => import("./request_options.js"), () => import("../lib/comparing.js"), () => import("./comparison.js")];
