import type { Column, Table } from "../catalog.ts";
import type { Folding } from "../introspect.ts";
import type { Comparison, Expression, GroupValue, InsertPlan, Left, Order, TextMatch } from "../plan/plan.ts";
import type { Family } from "../types.ts";
import type { Value } from "../values.ts";
import type { Ddl } from "./ddl/ddl.ts";
import { standardDdl } from "./ddl/standard.ts";
import { standardDecoder } from "./decode.ts";
import type { Bound, Cell, Result } from "./driver.ts";
import type { Embedding } from "./embedding.ts";

/** Turns one cell that is not NULL into its JSON text. */
export type Decoder = (cell: NonNullable<Cell>) => string;

/** Adds a value to the statement and gives the placeholder for it. */
export type Bind = (value: Bound) => string;

/** A guess at how many rows a SELECT would give. */
export interface Estimate {
  /** What stands before the SELECT. */
  readonly explain: string;
  /** What the database says of the plan, as a number of rows. */
  rows(explained: Result["rows"]): number;
}

/** What differs from one SQL database to the next: pure text. {@link ansi} is the default, a dialect states its differences. */
export interface Dialect extends Folding {
  /** What the database gives back from a write by itself. */
  readonly returning: { readonly insert: boolean; readonly update: boolean; readonly delete: boolean };
  /** Most values that one statement may bind. */
  readonly maxValues: number;
  /** How many values an insert of many rows carries at most, where that is not `maxValues`: what has proved to be quickest. */
  readonly bulkValues?: number;
  /** Many rows as what stands behind the column names of an INSERT, where that is quicker than VALUES; `undefined` = it is not. */
  rowSource?(plan: InsertPlan, bind: Bind): string | undefined;
  /** Kinds of values that an IN list compares less exactly than `=` does. */
  readonly vagueInLists: ReadonlySet<Family>;
  readonly expressions: Readonly<Record<Expression, string>>;
  /** How tables are made and changed. */
  readonly ddl: Ddl;
  quote(name: string): string;
  /** The table in FROM, INTO and UPDATE. */
  tableName(table: Pick<Table, "schema" | "nativeName">): string;
  /** The n-th placeholder, counted from 1. */
  placeholder(position: number): string;
  /** How a column stands in a select list. */
  read(column: Column, reference: string): string;
  /** How a placeholder for a value of this column stands in SET and VALUES. */
  write(column: Column, placeholder: string): string;
  /** How such a placeholder stands inside an expression, where nothing around it tells its type. */
  typed(column: Column, placeholder: string): string;
  /** What a client binds for a checked value of this column. */
  bind(column: Column, value: Value): Bound;
  decoder(column: Column): Decoder;
  /** The column as its cells came: itself, unless the type that the database gave with them is another by now. */
  received(column: Column, type: number | undefined): Column;
  /** The left side of a comparison, the reference of its column given; a JSON path is bound. */
  operand(left: Left, reference: string, bind: Bind): string;
  /** A comparison with a checked value. */
  compare(left: Left, operand: string, op: Comparison, value: Value, bind: Bind): string;
  match(left: Left, operand: string, how: TextMatch, text: string, bind: Bind): string;
  order(term: Order, reference: string): string;
  /** The end of a SELECT; both are bound. */
  page(limit: number | undefined, offset: number, bind: Bind): string;
  /** What follows a SELECT whose rows stay locked until the transaction ends. */
  readonly lock: string;
  /** A value of a group, the reference of its column given, or `*`. */
  groupValue(value: GroupValue, reference: string): string;
  /** Where NULL stands among the values of a column when nobody says. */
  readonly nullIs: "smallest" | "largest";
  /** How the database guesses at a number of rows, where it does. */
  readonly estimate?: Estimate;
  /** An expression that differs wherever the texts of two values do, also of those that the database takes for equal. */
  spelling(reference: string): string;
  /** How related rows come in the statement of the rows themselves, where they do. */
  readonly embedding?: Embedding;
  /** What follows VALUES so that a row whose key exists is updated. */
  upsert(key: readonly Column[], changed: readonly Column[]): string;
}

const LIKE_ESCAPE = "!";

/** Standard SQL as most databases speak it. */
export const ansi: Dialect = {
  returning: { insert: true, update: true, delete: true },
  maxValues: 30_000,
  vagueInLists: new Set(),
  expressions: { now: "CURRENT_TIMESTAMP", today: "CURRENT_DATE", clock: "CURRENT_TIME" },
  ddl: standardDdl,
  foldTable: (name) => name,
  foldColumn: (name) => name,
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  tableName(table) {
    return `${this.quote(table.schema)}.${this.quote(table.nativeName)}`;
  },
  placeholder: () => "?",
  read: (_column, reference) => reference,
  write: (_column, placeholder) => placeholder,
  typed: (_column, placeholder) => placeholder,
  bind: (_column, value) => plainBound(value),
  decoder: standardDecoder,
  received: (column) => column,
  operand: (_left, reference) => reference,
  compare(left, operand, op, value, bind) {
    const bound = left.path.length > 0 ? plainBound(value) : this.bind(left.column, value);
    return `${operand} ${op} ${bind(bound)}`;
  },
  match(_left, operand, how, text, bind) {
    if (how === "pattern") return `${operand} LIKE ${bind(text)}`;
    return `${operand} LIKE ${bind(literalPattern(how, text))} ESCAPE '${LIKE_ESCAPE}'`;
  },
  order(term, reference) {
    const direction = term.descending ? `${reference} DESC` : reference;
    return term.nulls === undefined ? direction : `${direction} NULLS ${term.nulls.toUpperCase()}`;
  },
  page(limit, offset, bind) {
    const first = limit === undefined ? "" : ` LIMIT ${bind(limit)}`;
    return offset === 0 ? first : `${first} OFFSET ${bind(offset)}`;
  },
  lock: " FOR UPDATE",
  nullIs: "largest",
  spelling: (reference) => `HEX(${reference})`,
  groupValue({ fn, distinct }, reference) {
    return fn === undefined ? reference : `${fn.toUpperCase()}(${distinct ? "DISTINCT " : ""}${reference})`;
  },
  upsert(key, changed) {
    const target = `ON CONFLICT (${key.map((column) => this.quote(column.nativeName)).join(", ")})`;
    // Where only the key is given it is set to itself: a row that nothing is done to is not given back.
    const columns = changed.length > 0 ? changed : key;
    const set = columns.map((column) => `${this.quote(column.nativeName)} = excluded.${this.quote(column.nativeName)}`);
    return `${target} DO UPDATE SET ${set.join(", ")}`;
  },
};

/** A value that needs no conversion; arrays have no standard form. */
export function plainBound(value: Value): Bound {
  return Array.isArray(value) ? JSON.stringify(value) : (value as Bound);
}

/** A LIKE pattern that finds exactly this text at the start, at the end or anywhere. */
export function literalPattern(how: TextMatch, text: string): string {
  const literal = text.replace(/[%_!]/g, (char) => LIKE_ESCAPE + char);
  return `${how === "starts_with" ? "" : "%"}${literal}${how === "ends_with" ? "" : "%"}`;
}
