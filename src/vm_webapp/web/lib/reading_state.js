/** What the page knows about the file on show and about a comparison of two versions; reduce.js joins it to the rest. Pure. */

import { sameFile } from "./file.js";

export const readingState = { reader: null, comparison: null };

export const readingChanges = {
  reader_left: () => ({ reader: null }),
  reader_opened: (_, { file }) => ({ reader: { file, status: "loading", raw: false, origin: false } }),
  reader_filled: (state, { file, text }) =>
    sameFile(state.reader?.file, file) ? { reader: { ...state.reader, status: "ready", text } } : {},
  reader_failed: (state, { file, problem }) =>
    sameFile(state.reader?.file, file) ? { reader: { ...state.reader, status: "failed", problem } } : {},
  reader_raw: (state) => ({ reader: { ...state.reader, raw: !state.reader.raw } }),
  origin_toggled: (state) => ({ reader: { ...state.reader, origin: !state.reader.origin } }),

  comparison_left: () => ({ comparison: null }),
  comparison_opened: (_, { key, file }) => ({ comparison: { key, file, status: "loading" } }),
  comparison_read: (state, { key, texts }) => compared(state, key, { texts }),
  comparison_done: (state, { key, found }) => compared(state, key, { status: "ready", found }),
  comparison_failed: (state, { key, problem }) => compared(state, key, { status: "failed", problem }),
  comparing_failed: (_, { problem }) => ({ comparison: { status: "failed", problem } }),
};

/** An answer about another comparison than the one on show changes nothing. */
function compared({ comparison }, key, change) {
  return comparison?.key === key ? { comparison: { ...comparison, ...change } } : {};
}
