/** All that quotes or hides something in the SQL of SQLite; a name in double quotes is the one group. */
const QUOTED = /'(?:[^']|'')*'|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"((?:[^"]|"")*)"/g;

/**
 * SQL in which double quotes are backticks. Where a library can not switch it off, SQLite takes a name in double quotes
 * that it does not know for a text, and compares that.
 */
export function namesOnly(sql: string): string {
  return sql.replace(QUOTED, (found: string, name?: string) =>
    name === undefined ? found : `\`${name.replaceAll('""', '"').replaceAll("`", "``")}\``,
  );
}

/** SQL without its texts, quoted names and comments. */
export function withoutQuoted(sql: string): string {
  return sql.replace(QUOTED, " ");
}
