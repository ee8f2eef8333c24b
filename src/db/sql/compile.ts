import type { Column } from "../catalog.ts";
import { isCreateOnly } from "../extras/automatic.ts";
import type { CountPlan, DeletePlan, InsertPlan, Plan, ReadPlan, UpdatePlan } from "../plan/plan.ts";
import type { Dialect } from "./dialect.ts";
import type { Statement } from "./driver.ts";
import { embeddedText } from "./embed.ts";
import { sourceOf } from "./group.ts";
import { rowsText } from "./insert-rows.ts";
import { orderTerms } from "./order.ts";
import { assigned, selected } from "./reference.ts";
import { whereClause } from "./where.ts";
import { commaList, Writer } from "./writer.ts";

/** Writes a plan as one statement. Names are quoted from the catalog, values are bound. */
export function compile(plan: Plan, dialect: Dialect): Statement {
  const writer = new Writer(dialect);
  switch (plan.kind) {
    case "read":
      return writer.statement(selectText(plan, writer));
    case "count":
      return writer.statement(countText(plan, writer));
    case "insert":
      return writer.statement(insertText(plan, writer));
    case "update":
      return writer.statement(updateText(plan, writer));
    case "delete":
      return writer.statement(deleteText(plan, writer));
  }
}

function selectText(plan: ReadPlan, writer: Writer): string {
  const { dialect } = writer;
  const { from, owner } = sourceOf(plan, writer);
  const cells = (plan.related ?? []).map((each) => embeddedText(each, owner, writer));
  const where = whereClause(plan.where, owner, writer);
  const order = orderTerms(plan.order, owner, writer);
  const orderBy = order.length > 0 ? ` ORDER BY ${commaList(order)}` : "";
  const page = dialect.page(plan.limit, plan.offset, writer.bind);
  return `SELECT ${commaList([...columnTexts(plan.columns, dialect), ...cells])} FROM ${from}${where}${orderBy}${page}${plan.lock ? dialect.lock : ""}`;
}

function countText(plan: CountPlan, writer: Writer): string {
  const { from, owner } = sourceOf(plan, writer);
  return `SELECT COUNT(*) FROM ${from}${whereClause(plan.where, owner, writer)}`;
}

function insertText(plan: InsertPlan, writer: Writer): string {
  const { dialect } = writer;
  const { columns } = plan;
  const names = commaList(columns.map((column) => dialect.quote(column.nativeName)));
  const { key } = plan.table;
  const upsert = plan.upsert
    ? ` ${dialect.upsert(
        key,
        columns.filter((column) => !key.includes(column) && !isCreateOnly(column)),
      )}`
    : "";
  const into = `INSERT INTO ${dialect.tableName(plan.table)} (${names}) ${rowsText(plan, writer)}${upsert}`;
  return into + returningText(plan.returning, dialect.returning.insert, dialect);
}

function updateText(plan: UpdatePlan, writer: Writer): string {
  const { dialect } = writer;
  const table = dialect.tableName(plan.table);
  const set = plan.set.map((each) => `${dialect.quote(each.column.nativeName)} = ${assigned(each, "update", writer)}`);
  const where = whereClause(plan.where, table, writer);
  return `UPDATE ${table} SET ${commaList(set)}${where}${returningText(plan.returning, dialect.returning.update, dialect)}`;
}

function deleteText(plan: DeletePlan, writer: Writer): string {
  const { dialect } = writer;
  const table = dialect.tableName(plan.table);
  const where = whereClause(plan.where, table, writer);
  return `DELETE FROM ${table}${where}${returningText(plan.returning, dialect.returning.delete, dialect)}`;
}

function returningText(columns: readonly Column[], isServed: boolean, dialect: Dialect): string {
  return isServed && columns.length > 0 ? ` RETURNING ${selectList(columns, dialect)}` : "";
}

function selectList(columns: readonly Column[], dialect: Dialect): string {
  return commaList(columnTexts(columns, dialect));
}

function columnTexts(columns: readonly Column[], dialect: Dialect): readonly string[] {
  return columns.map((column) => dialect.read(column, selected(column, "", dialect)));
}
