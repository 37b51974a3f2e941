/** Who wrote something, as people call it: the model by its name, the built-in templates as such. */

import { words } from "./words.js";

/** "gpt-5.2" for `openai:gpt-5.2`. */
export function writerName(writer) {
  if (!writer || writer === "offline") return words.request.offline;
  return writer.includes(":") ? writer.slice(writer.indexOf(":") + 1) : writer;
}

/** "gpt-5.2 (openai)": where one chooses, the provider matters. */
export function writerChoice(writer) {
  const [provider, ...model] = writer.split(":");
  return model.length ? `${model.join(":")} (${provider})` : writerName(writer);
}
