/** What the person at the page may do; the server has the last word, the page only does not offer what would be refused. */

const RANKS = ["viewer", "editor", "approver", "admin"];
const NEEDED = { edit: "editor", approve: "approver", administer: "admin" };

/** Whether the role suffices to `edit`, `approve` or `administer`; while nobody has asked who is there, it does. */
export function may({ session }, verb) {
  return !session?.role || RANKS.indexOf(session.role) >= RANKS.indexOf(NEEDED[verb]);
}

/** Whether a new version can be made of what is there: a closed thread takes none. */
export function mayMake(state) {
  return state.thread?.status !== "closed" && may(state, "edit");
}
