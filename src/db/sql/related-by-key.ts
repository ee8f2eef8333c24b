import { Fault } from "../../contract/fault.ts";
import type { Column, Table } from "../catalog.ts";
import type { Outcome, Predicate, ReadPlan, RelatedPlan, Row } from "../plan/plan.ts";
import { withColumns } from "../plan/read.ts";
import { recordTexts } from "../reply.ts";
import { keyOfCells } from "../table/keys.ts";
import type { Family } from "../types.ts";
import type { Value } from "../values.ts";
import { compile } from "./compile.ts";
import type { Dialect } from "./dialect.ts";
import type { Result, Statement } from "./driver.ts";
import { valueOfText } from "./keys.ts";
import { demandFew, type RelatedRoom } from "./related-room.ts";
import { type RelatedSelect, relatedStatement } from "./related-select.ts";

/** How a read is run. */
export interface Reading {
  readonly dialect: Dialect;
  execute(statement: Statement): Promise<Result>;
  /** The rows of a result that has these columns, and perhaps more behind them. */
  outcome(result: Result, columns: readonly Column[]): Outcome;
}

/** Rows that other rows are related to. */
export interface Parents {
  readonly table: Table;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** Most keys that one statement asks for; of several columns each makes a chain of terms, whose cost grows with its square. */
const MOST_KEYS = 1_024;

/** Kinds of values that are equal exactly where their texts are, once these are written in one way. */
const EXACT: ReadonlySet<Family> = new Set(["integer", "decimal", "date"]);

/** Reads related rows apart from the rows themselves: one statement for a relationship, or for each thousand keys of it. */
export class RelatedRows {
  readonly #reading: Reading;
  readonly #room: RelatedRoom;

  constructor(reading: Reading, room: RelatedRoom) {
    this.#reading = reading;
    this.#room = room;
  }

  /** For each row what is related to it: a list, an object, or null. Raises `bad_request` where that is too much. */
  async cells(plan: RelatedPlan, parents: Parents): Promise<readonly Sized[]> {
    const { read, many } = plan;
    const way = wayOf(plan, parents);
    const columns = withColumns(read.columns, keysOf(read.related ?? [], read.table));
    const found = await this.#read(plan, { ...way, columns }, parents);
    const records = await this.#records(read, columns, found);
    const groups = Map.groupBy(records, (_, index) => keyOfCells(way.keys, found[index]?.slice(columns.length) ?? []));
    const none = await this.#none(plan);
    const lists = parents.rows.map((row) => {
      const key = way.fields.map((column) => row[parents.columns.indexOf(column)] ?? "null");
      const list = key.includes("null") ? none : (groups.get(keyOfCells(way.fields, key)) ?? none);
      return many ? list : list.slice(0, 1);
    });
    // A row that many share is in the answer many times.
    demandFew(lists.reduce((sum, list) => sum + rowsIn(list), 0));
    return lists.map((list) => ({ text: many ? `[${textsOf(list)}]` : textsOf(list) || "null", rows: rowsIn(list) }));
  }

  async #read(plan: RelatedPlan, way: Way & { readonly columns: readonly Column[] }, parents: Parents) {
    const rows: Row[] = [];
    const read = [...way.columns, ...way.keys];
    for (const where of wheres(way, parents, this.#reading.dialect)) {
      const select: RelatedSelect = { ...way, plan, where, from: parents.table, most: this.#room.left + 1 };
      const result = await this.#reading.execute(relatedStatement(select, this.#reading.dialect));
      const outcome = this.#reading.outcome(result, read);
      this.#room.take(outcome.rows.length);
      for (const row of outcome.rows) rows.push(row);
    }
    return rows;
  }

  /** Each row as an object, with what is related to it in turn. */
  async #records(read: ReadPlan, columns: readonly Column[], rows: readonly Row[]): Promise<readonly Sized[]> {
    const { related = [] } = read;
    const lists: (readonly Sized[])[] = [];
    for (const each of related) lists.push(await this.cells(each, { table: read.table, columns, rows }));
    const width = read.columns.length;
    const cells = (index: number) => lists.map((list) => list[index] ?? NOTHING);
    const full = rows.map((row, index) => [...row.slice(0, width), ...cells(index).map(({ text }) => text)]);
    const texts = recordTexts([...read.columns, ...related], full);
    return texts.map((text, index) => ({ text, rows: 1 + rowsIn(cells(index)) }));
  }

  /** What stands where nothing is related: nothing, but for a function of all rows, which gives a value of none. */
  async #none({ read }: RelatedPlan): Promise<readonly Sized[]> {
    const { groups } = read;
    const [column] = groups?.table.columns ?? [];
    if (groups === undefined || groups.by.length > 0 || column === undefined) return [];
    const where: Predicate = { kind: "in", left: { column, path: [], as: column.family }, values: [] };
    const plan = { ...read, groups: { ...groups, where } };
    const result = await this.#reading.execute(compile(plan, this.#reading.dialect));
    const texts = recordTexts(read.columns, this.#reading.outcome(result, read.columns).rows);
    return texts.map((text) => ({ text, rows: 1 }));
  }
}

/** JSON text, and how many related rows it holds. */
export interface Sized {
  readonly text: string;
  readonly rows: number;
}

const NOTHING: Sized = { text: "null", rows: 0 };

function rowsIn(list: readonly Sized[]): number {
  return list.reduce((sum, { rows }) => sum + rows, 0);
}

function textsOf(list: readonly Sized[]): string {
  return list.map(({ text }) => text).join(",");
}

/** How rows are found by the keys of others. */
interface Way extends Pick<RelatedSelect, "keys" | "through"> {
  /** Where the keys stand in the rows that are related to. */
  readonly fields: readonly Column[];
}

/**
 * A key that is a number is found again by its digits. Of other kinds, the database may take different texts for one: there
 * each key comes back as it is written in the very row that was read.
 */
function wayOf({ hops }: RelatedPlan, { columns }: Parents): Way {
  const [first] = hops;
  const { fields = [], refFields = [] } = first ?? {};
  if (!fields.every((field) => columns.includes(field))) throw new Error("A key of a relationship was not read.");
  const isExact = fields.every(({ family }, index) => EXACT.has(family) && refFields[index]?.family === family);
  return isExact ? { fields, keys: refFields, through: "own" } : { fields, keys: fields, through: "joined" };
}

/** The columns of a table that have to be read for what is related to its rows. */
export function keysOf(related: readonly RelatedPlan[], table: Table): readonly Column[] {
  return related.length === 0 ? [] : [...related.flatMap(({ hops }) => hops[0]?.fields ?? []), ...table.key];
}

/** The conditions that name the keys of all rows, each with as many as one statement takes. */
function* wheres(way: Way, { table, columns, rows }: Parents, dialect: Dialect): Generator<Predicate> {
  const named = way.through === "own" ? way.fields : table.key.length > 0 ? table.key : way.fields;
  const asked = way.through === "own" ? way.keys : named;
  const places = named.map((column) => columns.indexOf(column));
  const keys = new Map<string, readonly Value[]>();
  for (const row of rows) {
    const cells = places.map((place) => row[place] ?? "null");
    const key = cells.includes("null") ? undefined : valuesOf(asked, cells);
    if (key !== undefined) keys.set(keyOfCells(named, cells), key);
  }
  const all = [...keys.values()];
  const size = Math.max(1, Math.min(MOST_KEYS, Math.floor(dialect.maxValues / 2 / asked.length)));
  for (let at = 0; at < all.length; at += size) yield { kind: "keys", columns: asked, keys: all.slice(at, at + size) };
}

/** What the other column can not hold is in none of its rows. */
function valuesOf(columns: readonly Column[], cells: Row): readonly Value[] | undefined {
  try {
    return columns.map((column, index) => valueOfText(column, cells[index] ?? "null"));
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}
