import type { Json, JsonObject } from "../../contract/json.ts";
import { isJsonObject } from "../../lib/json.ts";
import { type Place, type Reader, refused } from "./said.ts";

/** Where a function of a field is put in. */
export const USES = ["SELECT", "FILTER", "INSERT", "UPDATE"] as const;
export type Use = (typeof USES)[number];

const LONGEST = 2_000;
const MOST = 8;

/** Reads `db_function`: a list of `{use, function, function_type}`, or one such object. */
export const readFunctions: Reader = (value, place, property) => {
  const list = (Array.isArray(value) ? value : [value]) as readonly Json[];
  if (list.length === 0) return null;
  if (list.length > MOST) throw refused(place, property, `must hold at most ${MOST} functions`);
  return list.map((each) => readFunction(each, place, property));
};

function readFunction(said: Json, place: Place, property: string): JsonObject {
  if (!isJsonObject(said)) throw refused(place, property, "must be a list of objects with 'use' and 'function'");
  const { function: text, function_type: type = "database" } = said;
  if (typeof text !== "string" || text.trim() === "") throw refused(place, property, "must name a 'function'");
  if (type !== null && type !== "database")
    throw refused(place, property, "takes only functions of the type 'database'");
  const why = whyNoExpression(text);
  if (why !== undefined) throw refused(place, property, why);
  return { use: [...readUses(said.use, place, property)], function: text.trim(), function_type: "database" };
}

function readUses(said: Json | undefined, place: Place, property: string): readonly Use[] {
  const list = Array.isArray(said) ? said : said === undefined || said === null ? [] : String(said).split(",");
  const uses = list.map((each) => String(each).trim().toUpperCase());
  const known = USES.filter((use) => uses.includes(use));
  if (known.length === 0 || uses.some((use) => !known.includes(use as Use)))
    throw refused(place, property, "must name its 'use': SELECT, FILTER, INSERT or UPDATE");
  return known;
}

/**
 * Why a text can not stand as one expression in a statement, if so: it must stay inside the parentheses that are put around
 * it, and bring no placeholder along, whichever database reads it.
 */
export function whyNoExpression(text: string): string | undefined {
  if (text.length > LONGEST) return `must hold functions of at most ${LONGEST} characters`;
  if (ANYWHERE.test(text)) return "must be one expression without comments, semicolons, backslashes and question marks";
  const bare = text.replace(QUOTED, "x").replace(/\{[^{}()]+\}/g, "x");
  if (/['"`]/.test(bare) || !isBalanced(bare)) return "must close every quote and parenthesis that it opens";
  return OUTSIDE.test(bare) ? "must hold no '#', '$', '@', ':' or brace outside of quotes" : undefined;
}

const ANYWHERE = /[;\\?\0]|--|\/\*|\*\//;
/** As standard SQL and MySQL quote; brackets quote for SQLite, and are an index for PostgreSQL. */
const QUOTED = /'[^']*'|"[^"]*"|`[^`]*`|\[[\w ]*\]/g;
/** Comments and placeholders of one database or another; `::` is a cast. */
const OUTSIDE = /[#$@{}[\]]|(?<!:):(?!:)|:::/;

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const char of text) {
    if (char === "(") depth++;
    else if (char === ")" && --depth < 0) return false;
  }
  return depth === 0;
}

/** A piece of an expression: SQL text, `{value}`, or the name of another field. */
export type Piece = string | { readonly name: string };

/** An expression with its `{names}` apart; those inside quotes are text. */
export function piecesOf(text: string): readonly Piece[] {
  const found = text.matchAll(/'[^']*'|"[^"]*"|`[^`]*`|\{([^{}]+)\}|[^'"`{]+|./gs);
  return [...found].map(([all, name]) => (name === undefined ? all : { name: name.trim() }));
}
