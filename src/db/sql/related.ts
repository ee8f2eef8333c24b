import type { Outcome, ReadPlan, RelatedPlan, Row } from "../plan/plan.ts";
import { withColumns } from "../plan/read.ts";
import { compile } from "./compile.ts";
import type { Dialect } from "./dialect.ts";
import type { Cell, Result } from "./driver.ts";
import { isEmbeddable } from "./embed.ts";
import { keysOf, type Reading, RelatedRows, type Sized } from "./related-by-key.ts";
import { demandRoom, RelatedRoom } from "./related-room.ts";

/** Whether the statement of the plan gives all that it asks for. */
export function isOneStatement({ related = [] }: ReadPlan, dialect: Dialect): boolean {
  return related.every((each) => isEmbeddable(each, dialect));
}

/** Runs a read with related rows: in the statement of the rows themselves where that is possible, else in one for each relationship. */
export async function readRelated(plan: ReadPlan, reading: Reading): Promise<Outcome> {
  const { dialect, execute, outcome } = reading;
  const related = plan.related ?? [];
  const embedded = related.filter((each) => isEmbeddable(each, dialect));
  const others = related.filter((each) => !embedded.includes(each));
  const columns = withColumns(plan.columns, keysOf(others, plan.table));
  const result = await execute(compile({ ...plan, columns, related: embedded }, dialect));
  const { rows, count } = outcome(result, columns);
  const room = new RelatedRoom();
  const texts = embeddedTexts(result.rows, columns.length, embedded);
  for (const [index, each] of embedded.entries())
    demandRoom(
      texts.map((row) => row[index] ?? "null"),
      each,
      room,
    );
  const byKey = new RelatedRows(reading, room);
  const lists = new Map<RelatedPlan, readonly Sized[]>();
  for (const each of others) lists.set(each, await byKey.cells(each, { table: plan.table, columns, rows }));
  const cellsOf = (index: number) =>
    related.map((each) => lists.get(each)?.[index]?.text ?? texts[index]?.[embedded.indexOf(each)] ?? "null");
  return { rows: rows.map((row, index) => [...row.slice(0, plan.columns.length), ...cellsOf(index)]), count };
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
