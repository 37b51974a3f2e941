/** In which language a text is written, by words that are common in one of the two: for voices and for spelling. */

import { language } from "./language.js";

const COMMON = {
  en: /(?<!\p{L})(?:and|are|for|from|in|is|of|on|our|that|the|this|to|we|with|you|your)(?!\p{L})/giu,
  pt: /(?<!\p{L})(?:ao|da|das|de|dos|e|em|na|não|nos|o|os|para|por|que|se|um|uma|à|é)(?!\p{L})/giu,
};

/** For `lang`: the text's language where it is not the page's, `und` where it is not in Latin letters; else null. */
export function tongueOf(text) {
  const told = text.slice(0, 4000);
  const [en, pt] = ["en", "pt"].map((tongue) => told.match(COMMON[tongue])?.length ?? 0);
  if (en === pt) return /\p{L}/u.test(told) && !/\p{Script=Latin}/u.test(told) ? "und" : null;
  const own = en > pt ? "en" : "pt";
  return own === language ? null : own;
}
