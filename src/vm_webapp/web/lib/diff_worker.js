/** Compares in a thread of its own, so that the page answers while long texts are compared. */

import { compareParts, compareWords } from "./diffing.js";

addEventListener("message", ({ data: { older, newer, loose, requests } }) => {
  postMessage({ ...compareParts(older, newer, { loose }), requests: compareWords(...requests) });
});
