import { DatabaseError } from "../../src/db/errors.ts";
import { PLAIN_TOKENS, topTokens } from "../../src/db/sql/ddl/definition-text.ts";

/** A CREATE TABLE apart: its columns and constraints in order, and what follows them. */
export interface TableText {
  readonly items: readonly TableItem[];
  readonly end: string;
}

/** A column by its name, or a constraint of the table. */
export interface TableItem {
  readonly column: string | undefined;
  /** A constraint whole; of a column what follows its name. */
  readonly text: string;
}

const CONSTRAINTS: readonly string[] = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];

/** Reads the text by which SQLite keeps a table. A DatabaseError for a table that is another module's. */
export function readTable(sql: string): TableText {
  const tokens = topTokens(sql, PLAIN_TOKENS);
  const at = tokens.findIndex((token) => token.startsWith("("));
  const body = tokens[at];
  if (body === undefined || !/^\s*CREATE\s+TABLE\b/i.test(sql)) throw new DatabaseError("rejected");
  return { items: splitItems(body.slice(1, -1)).map(readItem), end: tokens.slice(at + 1).join("") };
}

/** The statement that makes the table under a quoted name. */
export function writeTable({ items, end }: TableText, name: string): string {
  const texts = items.map(({ column, text }) => (column === undefined ? text : `${quoted(column)} ${text}`));
  return `CREATE TABLE ${name} (${texts.join(", ")})${end}`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** What stands between commas, without comments. */
export function splitItems(text: string): readonly string[] {
  const items = [""];
  for (const token of topTokens(text, PLAIN_TOKENS)) {
    if (token === ",") items.push("");
    else if (!/^(?:--|\/\*)/.test(token)) items.push(`${items.pop() ?? ""}${token}`);
    else items.push(`${items.pop() ?? ""} `);
  }
  return items.map((item) => item.trim());
}

function readItem(text: string): TableItem {
  const [first = "", ...rest] = topTokens(text, PLAIN_TOKENS);
  if (CONSTRAINTS.includes(first.toUpperCase())) return { column: undefined, text };
  return { column: unquoted(first), text: rest.join("").trim() };
}

/** A name as it is, of any of the quotes that SQLite takes. */
export function unquoted(name: string): string {
  const [quote] = name;
  if (quote === "[") return name.slice(1, -1);
  if (quote !== '"' && quote !== "`" && quote !== "'") return name;
  return name.slice(1, -1).replaceAll(quote + quote, quote);
}
