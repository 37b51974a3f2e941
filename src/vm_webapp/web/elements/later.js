/** Elements that most visits never see: each comes when the state first asks for it. */

export const later = {
  "vm-form": { wanted: ({ form }) => form, load: () => import("./form.js") },
  "vm-welcome": { wanted: ({ brands }) => brands?.length === 0, load: () => import("./welcome.js") },
};
