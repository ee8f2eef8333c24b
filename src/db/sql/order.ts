import type { Column } from "../catalog.ts";
import type { Hop, Order } from "../plan/plan.ts";
import { compared } from "./reference.ts";
import { andWhere } from "./where.ts";
import type { Writer } from "./writer.ts";

/** The terms of ORDER BY. `owner` is what qualifies the columns of the table that is read. */
export function orderTerms(order: readonly Order[], owner: string, writer: Writer): readonly string[] {
  return order.map((term) => writer.dialect.order(term, placeOf(term, owner, writer)));
}

function placeOf({ column, through = [] }: Order, owner: string, writer: Writer): string {
  const [first, ...rest] = through;
  if (first === undefined) return compared(column, owner, writer.dialect);
  return farPlace({ first, rest, column }, owner, writer);
}

interface FarPlace {
  readonly first: Hop;
  readonly rest: readonly Hop[];
  readonly column: Column;
}

/** A column of the one row that relationships lead to, as a value. */
function farPlace({ first, rest, column }: FarPlace, owner: string, writer: Writer): string {
  const start = writer.alias();
  let from = `${writer.dialect.tableName(first.table)} ${start}`;
  let last = start;
  for (const hop of rest) {
    const alias = writer.alias();
    from += ` JOIN ${writer.dialect.tableName(hop.table)} ${alias} ON ${hopText(hop, last, alias, writer)}`;
    last = alias;
  }
  return `(SELECT ${compared(column, last, writer.dialect)} FROM ${from} WHERE ${hopText(first, owner, start, writer)})`;
}

/** What joins the table of a hop, under its alias, to the table before it. */
export function hopText({ fields, refFields, where }: Hop, before: string, alias: string, writer: Writer): string {
  const { dialect } = writer;
  const pairs = refFields.map((column, index) => {
    const field = fields[index] ?? column;
    return `${alias}.${dialect.quote(column.nativeName)} = ${before}.${dialect.quote(field.nativeName)}`;
  });
  return pairs.join(" AND ") + andWhere(where, alias, writer);
}
