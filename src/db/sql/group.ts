import type { CountPlan, Grouping, GroupValue, ReadPlan } from "../plan/plan.ts";
import { selected } from "./reference.ts";
import { whereClause } from "./where.ts";
import { commaList, type Writer } from "./writer.ts";

/** What a SELECT reads from. */
export interface Source {
  readonly from: string;
  /** What qualifies its columns. */
  readonly owner: string;
}

/** The table of a plan, or its groups as a table. Binds the values of the groups' condition. */
export function sourceOf({ table, groups }: ReadPlan | CountPlan, writer: Writer): Source {
  if (groups === undefined) {
    const name = writer.dialect.tableName(table);
    return { from: name, owner: name };
  }
  const owner = writer.alias();
  return { from: `(${groupingText(groups, writer)}) ${owner}`, owner };
}

function groupingText(groups: Grouping, writer: Writer): string {
  const from = writer.dialect.tableName(groups.table);
  return groupsText(groups, { from, owner: from, where: whereClause(groups.where, from, writer) }, writer);
}

/** The rows that groups are made of. */
export interface GroupedRows extends Source {
  /** With the word in front. */
  readonly where: string;
  /** What they are grouped by besides, under names of its own. */
  readonly also?: ReadonlyMap<string, string>;
}

/** The SELECT that makes groups of rows. */
export function groupsText({ values, by }: Grouping, rows: GroupedRows, { dialect }: Writer): string {
  const { from, owner, where, also = new Map<string, string>() } = rows;
  const reference = ({ of }: Pick<GroupValue, "of">) => (of ? selected(of, owner, dialect) : "*");
  const list = values.map(
    (value) => `${dialect.groupValue(value, reference(value))} AS ${dialect.quote(value.output.nativeName)}`,
  );
  const others = [...also].map(([name, text]) => `${text} AS ${name}`);
  const terms = [...by.map((of) => reference({ of })), ...also.values()];
  const groupBy = terms.length > 0 ? ` GROUP BY ${commaList(terms)}` : "";
  return `SELECT ${commaList([...list, ...others])} FROM ${from}${where}${groupBy}`;
}
