import type { Column } from "../catalog.ts";
import type { Assignment, CountPlan, DeletePlan, InsertPlan, Plan, ReadPlan, UpdatePlan } from "../plan/plan.ts";
import type { Dialect } from "./dialect.ts";
import type { Statement } from "./driver.ts";
import { isExpression } from "./keys.ts";
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
  const from = dialect.tableName(plan.table);
  const where = whereClause(plan.where, from, writer);
  const order = plan.order.map((term) => dialect.order(term, `${from}.${dialect.quote(term.column.nativeName)}`));
  const orderBy = order.length > 0 ? ` ORDER BY ${commaList(order)}` : "";
  const page = dialect.page(plan.limit, plan.offset, writer.bind);
  return `SELECT ${selectList(plan.columns, dialect)} FROM ${from}${where}${orderBy}${page}${plan.lock ? dialect.lock : ""}`;
}

function countText(plan: CountPlan, writer: Writer): string {
  const from = writer.dialect.tableName(plan.table);
  return `SELECT COUNT(*) FROM ${from}${whereClause(plan.where, from, writer)}`;
}

function insertText(plan: InsertPlan, writer: Writer): string {
  const { dialect } = writer;
  const columns = (plan.rows[0] ?? []).map((each) => each.column);
  const rows = plan.rows.map((row) => `(${commaList(row.map((each) => assigned(each, writer)))})`);
  const names = commaList(columns.map((column) => dialect.quote(column.nativeName)));
  const { key } = plan.table;
  const upsert = plan.upsert
    ? ` ${dialect.upsert(
        key,
        columns.filter((column) => !key.includes(column)),
      )}`
    : "";
  const into = `INSERT INTO ${dialect.tableName(plan.table)} (${names}) VALUES ${commaList(rows)}${upsert}`;
  return into + returningText(plan.returning, dialect.returning.insert, dialect);
}

function updateText(plan: UpdatePlan, writer: Writer): string {
  const { dialect } = writer;
  const table = dialect.tableName(plan.table);
  const set = plan.set.map((each) => `${dialect.quote(each.column.nativeName)} = ${assigned(each, writer)}`);
  const where = whereClause(plan.where, table, writer);
  return `UPDATE ${table} SET ${commaList(set)}${where}${returningText(plan.returning, dialect.returning.update, dialect)}`;
}

function deleteText(plan: DeletePlan, writer: Writer): string {
  const { dialect } = writer;
  const table = dialect.tableName(plan.table);
  const where = whereClause(plan.where, table, writer);
  return `DELETE FROM ${table}${where}${returningText(plan.returning, dialect.returning.delete, dialect)}`;
}

function assigned({ column, value }: Assignment, writer: Writer): string {
  const { dialect } = writer;
  return isExpression(value)
    ? dialect.expressions[value.expression]
    : dialect.write(column, writer.value(column, value));
}

function returningText(columns: readonly Column[], isServed: boolean, dialect: Dialect): string {
  return isServed && columns.length > 0 ? ` RETURNING ${selectList(columns, dialect)}` : "";
}

function selectList(columns: readonly Column[], dialect: Dialect): string {
  return commaList(columns.map((column) => dialect.read(column, dialect.quote(column.nativeName))));
}
