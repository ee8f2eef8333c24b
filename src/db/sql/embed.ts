import type { Column } from "../catalog.ts";
import { MOST_RELATED_ROWS } from "../limits.ts";
import type { ReadPlan, RelatedPlan } from "../plan/plan.ts";
import type { Dialect } from "./dialect.ts";
import { groupsText } from "./group.ts";
import { hopText, orderTerms } from "./order.ts";
import { selected } from "./reference.ts";
import type { CutPlan } from "./related-bounds.ts";
import { andWhere, whereClause } from "./where.ts";
import { commaList, type Writer } from "./writer.ts";

/**
 * Whether the related rows can be a cell of the statement that reads the rows themselves. A list behind rows that others
 * share would be made once for each of these, and could grow beyond all bounds before anybody can count it.
 */
export function isEmbeddable(plan: RelatedPlan, { embedding }: Pick<Dialect, "embedding">, isShared = false): boolean {
  if (embedding === undefined || (plan.many && isShared)) return false;
  const { columns, related = [] } = plan.read;
  const sharesMore = isShared || !plan.many || plan.hops.length > 1;
  const isNamed = [...columns, ...related].every(({ name }) => bytesOf(name) <= embedding.longestName);
  return (
    isNamed &&
    columns.every((column) => isPlain(column) && embedding.cell(column, "") !== undefined) &&
    related.every((each) => isEmbeddable(each, { embedding }, sharesMore))
  );
}

/** What an expression gives may be of another type than its column. */
function isPlain(column: Column): boolean {
  return column.expressions?.select === undefined;
}

function bytesOf(name: string): number {
  return new TextEncoder().encode(name).length;
}

/** The related rows of a row of `owner` as an expression: the text of a list, of an object, or NULL. */
export function embeddedText(plan: CutPlan, owner: string, writer: Writer): string {
  const { embedding } = writer.dialect;
  if (embedding === undefined) throw new Error("This dialect embeds nothing.");
  const most = plan.most === undefined ? undefined : writer.bind(BigInt(plan.most));
  const select = embeddedSelect(plan, owner, writer);
  return plan.many ? embedding.list(select, writer.alias(), most) : embedding.one(select, writer.alias());
}

function embeddedSelect({ hops, read, many }: CutPlan, owner: string, writer: Writer): string {
  const row = writer.alias();
  const { from, owner: rows, where } = sourceText(read, { row, joint: jointText(hops, owner, row, writer) }, writer);
  const list = [
    ...read.columns.map((column) => cellText(column, rows, writer)),
    ...(read.related ?? []).map((each) => relatedCell(each, rows, writer)),
  ];
  const order = orderTerms(read.order, rows, writer);
  const orderBy = order.length > 0 ? ` ORDER BY ${commaList(order)}` : "";
  const page = writer.dialect.page(many ? (read.limit ?? MOST_RELATED_ROWS + 1) : 1, read.offset, writer.bind);
  return `SELECT ${commaList(list)} FROM ${from}${where}${orderBy}${page}`;
}

function cellText(column: Column, owner: string, { dialect }: Writer): string {
  const cell = dialect.embedding?.cell(column, selected(column, owner, dialect));
  return `${cell} AS ${dialect.quote(column.name)}`;
}

function relatedCell(plan: CutPlan, owner: string, writer: Writer): string {
  const { dialect } = writer;
  const text = embeddedText(plan, owner, writer);
  return `${dialect.embedding?.nested(text)} AS ${dialect.quote(plan.name)}`;
}

/** What ties a row to the one that it is related to. */
function jointText([first, second]: RelatedPlan["hops"], owner: string, row: string, writer: Writer): string {
  if (first === undefined) return "";
  if (second === undefined) return hopText(first, owner, row, writer);
  const between = writer.alias();
  const name = writer.dialect.tableName(first.table);
  const near = hopText(first, owner, between, writer);
  return `EXISTS (SELECT 1 FROM ${name} ${between} WHERE ${near} AND ${hopText(second, between, row, writer)})`;
}

interface Joint {
  readonly row: string;
  readonly joint: string;
}

/** The rows of the other table, or their groups. */
function sourceText(read: ReadPlan, { row, joint }: Joint, writer: Writer) {
  const { dialect } = writer;
  const { groups } = read;
  if (groups === undefined) {
    const where = ` WHERE ${joint}${andWhere(read.where, row, writer)}`;
    return { from: `${dialect.tableName(read.table)} ${row}`, owner: row, where };
  }
  const from = `${dialect.tableName(groups.table)} ${row}`;
  const where = ` WHERE ${joint}${andWhere(groups.where, row, writer)}`;
  const owner = writer.alias();
  const text = `(${groupsText(groups, { from, owner: row, where }, writer)}) ${owner}`;
  return { from: text, owner, where: whereClause(read.where, owner, writer) };
}
