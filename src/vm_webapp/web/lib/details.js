/** Whether ids, records and other particulars are on show; kept in the browser. */

const KEY = "vm-details";

export function keptDetails() {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

export function keepDetails(on) {
  try {
    localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    // Storage may be switched off: the choice lasts until the page is closed.
  }
}
