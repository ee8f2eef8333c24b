import type { Value } from "../../src/db/values.ts";
import { byteaOfBytes } from "./base64.ts";

/**
 * Array literals, https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO: `{1,NULL,"a,b"}`, nested by braces,
 * with a prefix such as `[0:2]=` when the lower bounds are not 1 (JSON has no place for these).
 */

/** An array literal as JSON text; `decode` gives the JSON text of one element. */
export function jsonOfArray(literal: string, delimiter: string, decode: (element: string) => string): string {
  const start = literal.indexOf("{");
  let json = "";
  let at = start;
  while (at < literal.length) {
    const char = literal[at] ?? "";
    if (char === "{" || char === "}") {
      json += char === "{" ? "[" : "]";
      at++;
    } else if (char === delimiter) {
      json += ",";
      at++;
    } else {
      const end = char === '"' ? endOfQuoted(literal, at) : endOfBare(literal, at, delimiter);
      json += elementJson(literal.slice(at, end), decode);
      at = end;
    }
  }
  return json;
}

function elementJson(token: string, decode: (element: string) => string): string {
  if (token.startsWith('"')) return decode(token.slice(1, -1).replace(/\\(.)/gs, "$1"));
  return token === "NULL" ? "null" : decode(token);
}

function endOfQuoted(literal: string, from: number): number {
  let at = from + 1;
  while (at < literal.length && literal[at] !== '"') at += literal[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** Bare elements hold none of the characters that mean something. */
function endOfBare(literal: string, from: number, delimiter: string): number {
  let at = from;
  while (at < literal.length && literal[at] !== delimiter && literal[at] !== "}") at++;
  return at;
}

/** A checked value of an array column as a literal; each element is quoted, which suits every type. */
export function arrayLiteral(values: readonly Value[], delimiter = ","): string {
  return `{${values.map((value) => elementLiteral(value, delimiter)).join(delimiter)}}`;
}

function elementLiteral(value: Value, delimiter: string): string {
  if (value === null) return "NULL";
  if (typeof value === "boolean") return String(value);
  if (value instanceof Uint8Array) return quoted(byteaOfBytes(value));
  return typeof value === "string" ? quoted(value) : arrayLiteral(value, delimiter);
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
