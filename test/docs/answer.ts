import type { Json } from "../../src/contract/json.ts";
import { isJsonObject, parseJson } from "../../src/lib/json.ts";

const MORE = "…";

/** Reads the JSON of a page, where `…` behind the last element or field says that there are more. */
export function readShown(text: string): Json {
  const withElements = text.replace(/,\s*…\s*\]/g, `, "${MORE}"]`);
  return parseJson(withElements.replace(/,\s*…\s*\}/g, `, "${MORE}": null}`));
}

/** The answer cut down to what the page shows of it: where the two agree, it equals the page. */
export function cutTo(shown: Json, given: Json): Json {
  if (Array.isArray(shown) && Array.isArray(given)) return cutList(shown, given);
  if (isJsonObject(shown) && isJsonObject(given)) return cutObject(shown, given);
  return isSamePrefix(shown, given) ? shown : given;
}

/** Elements of the answer beyond `…` are left out; without it they stay, and make a difference. */
function cutList(shown: readonly Json[], given: readonly Json[]): Json {
  const isOpen = shown.at(-1) === MORE;
  const length = isOpen ? shown.length - 1 : given.length;
  const cut = given.slice(0, length).map((each, index) => cutTo(shown[index] ?? null, each));
  return isOpen ? [...cut, MORE] : cut;
}

function cutObject(shown: Readonly<Record<string, Json>>, given: Readonly<Record<string, Json>>): Json {
  const isOpen = Object.hasOwn(shown, MORE);
  const kept = Object.entries(given).filter(([name]) => !isOpen || Object.hasOwn(shown, name));
  const cut = kept.map(([name, value]): [string, Json] => [name, cutTo(shown[name] ?? null, value)]);
  return Object.fromEntries(isOpen ? [...cut, [MORE, null]] : cut);
}

/** A text that ends with `…` shows the beginning of a longer one, such as a key. */
function isSamePrefix(shown: Json, given: Json): boolean {
  const isPrefix = typeof shown === "string" && shown.endsWith(MORE);
  return isPrefix && typeof given === "string" && given.startsWith(shown.slice(0, -1));
}
