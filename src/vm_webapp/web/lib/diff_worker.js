/** Compares in a thread of its own, so that the page answers while long texts are compared. */

import { compareParts, compareWords } from "./diffing.js";

addEventListener("message", ({ data: { older, newer, requests } }) => {
  postMessage({ ...compareParts(older, newer), requests: compareWords(...requests) });
});
