import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import { parseJson, rawNumber } from "../../lib/json.ts";

/** A path such as `_proc/name(1,'a')` apart: what it names, and what stands in the parentheses, if there are any. */
export interface RoutinePath {
  readonly path: readonly string[];
  readonly argumentText?: string;
}

const ROUTINES = new Set(["_proc", "_func"]);

/** Arguments may hold slashes, so all segments from the first parenthesis on are theirs. */
export function readRoutinePath(path: readonly string[]): RoutinePath {
  const [resource = "", called = "", ...rest] = path;
  const at = called.indexOf("(");
  if (!ROUTINES.has(resource.toLowerCase()) || at < 0) return { path };
  return { path: [resource, called.slice(0, at)], argumentText: [called.slice(at), ...rest].join("/") };
}

/** What the rights of a call on a database are about: a routine by its name, whatever it is called with. */
export function componentOf(path: readonly string[]): readonly string[] {
  return readRoutinePath(path).path;
}

/** The values in `(1,'a,b',null)`; one that is left out is `undefined`. Raises `bad_request` that names the argument. */
export function readInline(text: string): readonly (Json | undefined)[] {
  if (!text.endsWith(")")) throw invalid("expected ')' at the end");
  const inner = text.slice(1, -1);
  return inner.trim() === "" ? [] : splitItems(inner).map((item, index) => readItem(item.trim(), index + 1));
}

function invalid(what: string): Fault {
  return new Fault("bad_request", `Invalid arguments in the path: ${what}.`);
}

/** A quoted text as a whole, a sign, or whatever stands between these. */
const TOKEN = /'[^']*'|"(?:[^"\\]|\\.)*"|[[\]{}(),'"]|[^[\]{}(),'"]+/gs;
const DEPTH: Readonly<Record<string, number>> = { "[": 1, "{": 1, "(": 1, "]": -1, "}": -1, ")": -1 };

/** Commas inside quotes or brackets do not split. */
function splitItems(text: string): readonly string[] {
  const items: string[] = [];
  let depth = 0;
  let item = "";
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "'" || token === '"') throw invalid(`the text in argument ${items.length + 1} does not end`);
    depth += DEPTH[token] ?? 0;
    if (token !== "," || depth > 0) item += token;
    else {
      items.push(item);
      item = "";
    }
  }
  return [...items, item];
}

const WORDS: Readonly<Record<string, Json | undefined>> = { "": undefined, null: null, true: true, false: false };
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function readItem(item: string, place: number): Json | undefined {
  const quote = item.charAt(0);
  if (quote === "'" || quote === '"') return unquote(item, quote, place);
  const word = item.toLowerCase();
  if (Object.hasOwn(WORDS, word)) return WORDS[word];
  if (NUMBER.test(item)) return rawNumber(item);
  return /^[[{]/.test(item) ? readJson(item, place) : item;
}

function unquote(item: string, quote: string, place: number): string {
  const inner = item.slice(1, -1);
  const isWhole = item.length > 1 && item.endsWith(quote) && !inner.replaceAll(quote + quote, "").includes(quote);
  if (!isWhole) throw invalid(`argument ${place} goes on after its quote`);
  return inner.replaceAll(quote + quote, quote);
}

function readJson(item: string, place: number): Json {
  try {
    return parseJson(item);
  } catch {
    throw invalid(`argument ${place} is not valid JSON`);
  }
}
