import type { Operand } from "./condition.ts";
import type { Cursor } from "./cursor.ts";
import { invalidFilter } from "./invalid.ts";
import { keyword, wordEnd } from "./tokenizer.ts";
import { isNumber } from "./value.ts";

/** How many keys may follow each other after a field. */
export const MAX_PATH = 64;
/** How many names may stand before a field. */
export const MAX_RELATIONS = 16;

/** Words that can not name a field without quotes; the other operators' words can, since no operator stands there. */
const RESERVED = new Set("AND OR XOR NOR NOT IN IS LIKE BETWEEN NULL TRUE FALSE".split(" "));

/** Reads the left side of a comparison: `field`, `rel.field`, `rel.rel.field` or `field->key`. */
export function readOperand(cursor: Cursor): Operand {
  const at = cursor.peek().at;
  const relations: string[] = [];
  let field = readName(cursor);
  while (cursor.takeSymbol(".")) {
    if (relations.length === MAX_RELATIONS)
      throw invalidFilter(`a field has more than ${MAX_RELATIONS} names before it`, cursor.at);
    relations.push(field);
    field = readName(cursor);
  }
  const path = readPath(cursor);
  return relations.length === 0 ? { field, path, at } : { relations, field, path, at };
}

/** Whether a name is read back as a field without quotes. */
export function isBareName(name: string): boolean {
  return isWord(name) && !RESERVED.has(keyword(name)) && !isNumber(name);
}

/** Whether a text key is read back as such without quotes. */
export function isBareKey(key: string): boolean {
  return isWord(key) && typeof keyOf(key) === "string";
}

function readName(cursor: Cursor): string {
  const { kind, text, at } = cursor.peek();
  if (kind === "name" && text === "") throw invalidFilter("a quoted name can not be empty", at);
  if (kind !== "name" && !(kind === "word" && isBareName(text))) throw cursor.expected("a field");
  cursor.take();
  return text;
}

function readPath(cursor: Cursor): (string | number)[] {
  const path: (string | number)[] = [];
  while (cursor.takeSymbol("->")) {
    if (path.length === MAX_PATH) throw invalidFilter(`a field has more than ${MAX_PATH} keys`, cursor.at);
    path.push(readKey(cursor));
  }
  return path;
}

function readKey(cursor: Cursor): string | number {
  const { kind, text } = cursor.peek();
  if (kind !== "word" && kind !== "text") throw cursor.expected("a key");
  cursor.take();
  return kind === "word" ? keyOf(text) : text;
}

/** An index is written in one way only, so that a key such as 007 stays text. */
function keyOf(word: string): string | number {
  const index = Number(word);
  return Number.isSafeInteger(index) && String(index) === word ? index : word;
}

function isWord(text: string): boolean {
  return text !== "" && wordEnd(text, 0) === text.length;
}
