import { DatabaseError } from "../../src/db/errors.ts";
import { withoutQuoted } from "./names.ts";

const TEXT = "'((?:[^'\\0]|'')+)'";
const NAME = '(?:\\w+|"[^"\\0]*")';
/** One statement that opens a file whose path is a plain text. */
const PLAIN = [
  new RegExp(`^\\s*attach\\s+(?:database\\s+)?${TEXT}\\s+as\\s+${NAME}\\s*;?\\s*$`, "i"),
  new RegExp(`^\\s*vacuum\\s+(?:${NAME}\\s+)?into\\s+${TEXT}\\s*;?\\s*$`, "i"),
];

const OPENS_FILE = /\battach\b|\bvacuum\b[^;]*\binto\b/i;
/** The name of a parameter in the style of Tcl may hold quotes: then it can not be seen where a text begins. */
const BLINDING = /[$@#:][^\s(]*\(/;

/**
 * For libraries that can not be asked before a file is opened. SQL opens another file by ATTACH and by VACUUM INTO,
 * words that nothing but the text itself can bring in: a text with them must be one such statement whose path can be
 * seen. Raises `privilege`.
 */
export function demandPlainAttach(sql: string, isOwnFile: (path: string) => boolean): void {
  if (!mayOpenFile(sql)) return;
  const [, literal] = PLAIN.map((form) => form.exec(sql)).find((found) => found !== null) ?? [];
  const path = literal?.replaceAll("''", "'");
  const isHidden = path === undefined || path.toLowerCase().startsWith("file:");
  if (isHidden || isOwnFile(path)) throw new DatabaseError("privilege");
}

function mayOpenFile(sql: string): boolean {
  return BLINDING.test(sql) ? /\b(?:attach|vacuum)\b/i.test(sql) : OPENS_FILE.test(withoutQuoted(sql));
}
