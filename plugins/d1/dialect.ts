import { Fault } from "../../src/contract/fault.ts";
import type { TextMatch } from "../../src/db/plan/plan.ts";
import { type Bind, type Decoder, type Dialect, literalPattern } from "../../src/db/sql/dialect.ts";
import type { Cell } from "../../src/db/sql/driver.ts";
import { affinityOf } from "../sqlite/columns.ts";
import { sqlite } from "../sqlite/dialect.ts";

/** D1 takes no longer pattern of LIKE, in bytes. */
const LONGEST_PATTERN = 50;

/** SQL of SQLite as D1 keeps it exact: its answers are JSON, where numbers are doubles. */
export const d1: Dialect = {
  ...sqlite,
  maxValues: 2_000,
  bulkValues: 2_000,
  /** Not in double quotes: of a column that is gone SQLite, as D1 builds it, would make a text. */
  quote: (name) => `\`${name.replaceAll("`", "``")}\``,
  read(column, reference) {
    const cell = sqlite.read(column, reference);
    if (affinityOf(column.dbType) === "text") return cell;
    return `${marked(cell)} AS ${this.quote(column.nativeName)}`;
  },
  decoder(column) {
    const decode = sqlite.decoder(column);
    return affinityOf(column.dbType) === "text" ? decode : unmarking(decode);
  },
  match(left, operand, how, text, bind) {
    const pattern = how === "pattern" ? text : literalPattern(how, text);
    if (bytesOf(pattern) <= LONGEST_PATTERN || text.includes("\0")) return sqlite.match(left, operand, how, text, bind);
    if (how !== "pattern") return literalMatch(operand, how, text, bind);
    throw new Fault(
      "bad_request",
      `Field '${left.column.name}' can not be matched with a pattern of more than ${LONGEST_PATTERN} bytes.`,
    );
  },
};

/** What stands before each text, so that it is told from the digits of an integer. */
const TEXT = "text";

/** Integers and infinities leave as text, where no double can round them. */
function marked(cell: string): string {
  const real = `iif(${cell} IN (9e999, -9e999), CAST(${cell} AS TEXT), ${cell})`;
  return `CASE typeof(${cell}) WHEN 'integer' THEN CAST(${cell} AS TEXT) WHEN 'text' THEN '${TEXT}' || ${cell} WHEN 'real' THEN ${real} ELSE ${cell} END`;
}

function unmarking(decode: Decoder): Decoder {
  return (cell) => decode(typeof cell === "string" ? unmarked(cell) : cell);
}

function unmarked(cell: string): NonNullable<Cell> {
  if (cell.startsWith(TEXT)) return cell.slice(TEXT.length);
  return cell.endsWith("Inf") ? (cell.startsWith("-") ? -Infinity : Infinity) : BigInt(cell);
}

/** What LIKE does with a text that has no wildcards: ASCII letters of either case are the same. */
function literalMatch(operand: string, how: Exclude<TextMatch, "pattern">, text: string, bind: Bind): string {
  const sought = `lower(${bind(text)})`;
  if (how === "contains") return `instr(lower(${operand}), ${sought}) > 0`;
  const length = [...text].length;
  return `substr(lower(${operand}), ${how === "starts_with" ? `1, ${length}` : -length}) = ${sought}`;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
