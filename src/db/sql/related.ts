import type { Column } from "../catalog.ts";
import type { Outcome, ReadPlan, RelatedPlan, Row } from "../plan/plan.ts";
import { withColumns } from "../plan/read.ts";
import { compile } from "./compile.ts";
import type { Dialect } from "./dialect.ts";
import type { Cell, Result } from "./driver.ts";
import { isEmbeddable } from "./embed.ts";
import { bounded, isCut, mayBeCut } from "./related-bounds.ts";
import { keysOf, type Reading, RelatedRows } from "./related-by-key.ts";
import { demandRoom, RelatedRoom } from "./related-room.ts";

/** Whether the statement of the plan gives all that it asks for. */
export function isOneStatement({ related = [] }: ReadPlan, dialect: Dialect): boolean {
  return related.every((each) => isEmbeddable(each, dialect));
}

/** A read that says no limit is one of some keys, of which a request names fewer. */
const MOST_PARENTS = 1_000;

/** Runs a read with related rows: in the statement of the rows themselves where that is possible, else in one for each relationship. */
export async function readRelated(plan: ReadPlan, reading: Reading): Promise<Outcome> {
  const related = plan.related ?? [];
  const { embedded, rows, columns } = await readEmbedded(plan, reading);
  const room = new RelatedRoom();
  const lists = new Map<RelatedPlan, readonly string[]>();
  for (const [each, texts] of embedded) {
    demandRoom(texts, each, room);
    lists.set(each, texts);
  }
  const byKey = new RelatedRows(reading, room);
  for (const each of related.filter((other) => !embedded.has(other))) {
    const cells = await byKey.cells(each, { table: plan.table, columns, rows });
    lists.set(
      each,
      cells.map(({ text }) => text),
    );
  }
  const cellsOf = (index: number) => related.map((each) => lists.get(each)?.[index] ?? "null");
  const full = rows.map((row, index) => [...row.slice(0, plan.columns.length), ...cellsOf(index)]);
  return { rows: full, count: rows.length };
}

/** Rows with the related ones that came along whole. */
interface Embedded {
  readonly embedded: ReadonlyMap<RelatedPlan, readonly string[]>;
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
}

async function readEmbedded(plan: ReadPlan, { dialect, execute, outcome }: Reading): Promise<Embedded> {
  const { related = [], table, limit = MOST_PARENTS } = plan;
  const inside = bounded(
    related.filter((each) => isEmbeddable(each, dialect)),
    limit,
  );
  const surely = inside.filter((each) => !mayBeCut(each)).map(({ of }) => of);
  const apart = related.filter((each) => !surely.includes(each));
  const columns = withColumns(plan.columns, keysOf(apart, table));
  const result = await execute(compile({ ...plan, columns, related: inside }, dialect));
  const cells = embeddedTexts(result.rows, columns.length, inside);
  const lists = inside.map((each, index) => ({ each, texts: cells.map((row) => row[index] ?? "null") }));
  const whole = lists.filter(({ each, texts }) => !isCut(each, texts));
  return {
    embedded: new Map(whole.map(({ each, texts }) => [each.of, texts])),
    rows: outcome(result, columns).rows,
    columns,
  };
}

/** The rows of a result whose statement embeds all that is related. */
export function withEmbedded(plan: ReadPlan, result: Result, { rows, count }: Outcome): Outcome {
  const related = plan.related ?? [];
  if (related.length === 0) return { rows, count };
  const texts = embeddedTexts(result.rows, plan.columns.length, related);
  return { rows: rows.map((row, index) => [...row, ...(texts[index] ?? [])]), count };
}

function embeddedTexts(rows: Result["rows"], from: number, related: readonly RelatedPlan[]): readonly Row[] {
  return rows.map((row) => related.map((_, index) => textOf(row[from + index])));
}

function textOf(cell: Cell | undefined): string {
  return cell === null || cell === undefined ? "null" : String(cell);
}
