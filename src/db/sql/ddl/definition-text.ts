import type { ColumnChange, OldColumn } from "../../schema/change.ts";
import { typeText } from "./column-type.ts";
import type { DdlDialect } from "./ddl.ts";
import { typeOf } from "./standard.ts";

/** The definition of a column in SQL, as a database keeps it: what follows its name. */
export interface Definition {
  readonly type: string;
  readonly clauses: readonly Clause[];
}

/** One part of a definition, by the word that it begins with. */
export interface Clause {
  readonly word: string;
  readonly text: string;
}

/** Tokens: texts and names in quotes, comments, words, spaces, and single characters. */
export const TOKENS =
  /'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|[\w$\u0080-\uffff]+|\s+|[\s\S]/g;
/** The same where a backslash is an ordinary character. */
export const PLAIN_TOKENS = new RegExp(TOKENS.source.replace("[^'\\\\]|''|\\\\[\\s\\S]", "[^']|''"), "g");

/** The tokens of a text, with what stands in parentheses as one. */
export function topTokens(text: string, tokens: RegExp): readonly string[] {
  const top: string[] = [];
  let depth = 0;
  for (const [token] of text.matchAll(tokens)) {
    if (depth > 0) top.push(`${top.pop() ?? ""}${token}`);
    else top.push(token);
    if (token === "(") depth++;
    if (token === ")") depth--;
  }
  return top;
}

/** Reads a definition; `starts` are the words that begin a clause. */
export function readDefinition(text: string, starts: ReadonlySet<string>, tokens: RegExp): Definition {
  const top = topTokens(text, tokens);
  const words = top.map((token) => token.toUpperCase());
  const parts: { word: string; text: string }[] = [{ word: "", text: "" }];
  let before = "";
  words.forEach((word, at) => {
    const next = words.slice(at + 1).find((each) => each.trim() !== "") ?? "";
    const last = parts.at(-1);
    const isNamed = last?.word === "CONSTRAINT";
    if (starts.has(word) && isStart(word, before, next)) {
      if (last && isNamed && before !== "CONSTRAINT") last.word = word;
      else parts.push({ word, text: "" });
    }
    const open = parts.at(-1);
    if (open) open.text += top[at] ?? "";
    if (word.trim() !== "") before = word;
  });
  const [type, ...clauses] = parts.map(({ word, text: part }) => ({ word, text: part.trim() }));
  return { type: type?.text ?? "", clauses };
}

/** Words that begin a clause do not do so inside of another one. */
function isStart(word: string, before: string, next: string): boolean {
  if (word === "NULL") return !["NOT", "SET", "DEFAULT"].includes(before);
  if (word === "DEFAULT") return before !== "SET";
  if (word === "NOT") return next !== "DEFERRABLE";
  if (word === "AS") return before !== "ALWAYS";
  if (word === "ON") return next === "UPDATE" && before !== "REFERENCES";
  return before !== "CONSTRAINT" || word === "CONSTRAINT";
}

const OF_TEXT: readonly string[] = ["CHARACTER", "COLLATE"];
const NULLITY: readonly string[] = ["NOT", "NULL"];

/** The definition with a change made to it; all else stays as it was written. */
export function alteredText(old: Definition, column: OldColumn, to: ColumnChange, dialect: DdlDialect): string {
  const type = to.type ? typeText(to.type, dialect.ddl) : old.type;
  const stays = old.clauses.filter(
    ({ word, text }) =>
      !(to.type && OF_TEXT.includes(word) && (to.type.family !== "string" || to.type.multibyte)) &&
      !(to.type && word === "CHECK" && isJsonCheck(text)) &&
      !(to.required !== undefined && NULLITY.includes(word)) &&
      !(to.required && /^DEFAULT\s+NULL$/i.test(text)) &&
      !(to.default !== undefined && word === "DEFAULT"),
  );
  const isFirst = ({ word }: Clause) => OF_TEXT.includes(word);
  const required = to.required === undefined ? [] : [to.required ? "NOT NULL" : "NULL"];
  const byDefault = to.default
    ? [`DEFAULT ${dialect.ddl.defaultText({ type: to.type ?? typeOf(column), default: to.default })}`]
    : [];
  const text = (clauses: readonly Clause[]) => clauses.map((clause) => clause.text);
  const rest = stays.filter((clause) => !isFirst(clause));
  return [type, ...text(stays.filter(isFirst)), ...required, ...byDefault, ...text(rest)].join(" ");
}

/** Of a text that was JSON, as some databases write that. */
function isJsonCheck(text: string): boolean {
  return /^CHECK\s*\(json_valid\((?:`[^`]*`|\w+)\)\)$/i.test(text);
}
