import { DatabaseError } from "../../src/db/errors.ts";

/** One ATTACH whose path is a plain text. */
const PLAIN = /^\s*attach\s+(?:database\s+)?'((?:[^'\0]|'')+)'\s+as\s+(?:\w+|"[^"\0]*")\s*;?\s*$/i;

/**
 * For libraries that can not be asked before a file is attached. SQL can attach only by the word, which nothing but
 * the text itself can bring in: a statement with the word must be one ATTACH whose path can be seen. Raises `privilege`.
 */
export function demandPlainAttach(sql: string, isOwnFile: (path: string) => boolean): void {
  if (!/attach/i.test(sql)) return;
  const path = PLAIN.exec(sql)?.[1]?.replaceAll("''", "'");
  const isHidden = path === undefined || path.toLowerCase().startsWith("file:");
  if (isHidden || isOwnFile(path)) throw new DatabaseError("privilege");
}
