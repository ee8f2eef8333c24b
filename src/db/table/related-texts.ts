import { parseStored } from "../../lib/json.ts";
import type { Column } from "../catalog.ts";
import type { ReadPlan, RelatedPlan, Row } from "../plan/plan.ts";
import { recordTexts } from "../reply.ts";
import { HIDDEN } from "./foreign.ts";
import { ownColumns } from "./related-rows.ts";

/** The rows of a plan as JSON texts, with `shown` of their columns, which the plan has first. */
export function relatedTexts(plan: ReadPlan, shown: readonly Column[], rows: readonly Row[]): readonly string[] {
  const { related = [], foreign = [] } = plan;
  if (related.length + foreign.length === 0) return recordTexts(shown, rows);
  const behind = plan.columns.length + related.length;
  const parts = partsOf(plan, shown).filter(({ at }) => at < behind || rows[0]?.[at] !== HIDDEN);
  const names = parts.flatMap(({ fields }) => fields.map(({ as }) => ({ name: as })));
  return recordTexts(
    names,
    rows.map((row) => parts.flatMap((part) => cellsOf(part, row[part.at] ?? "null"))),
  );
}

/** The texts of rows that were read without what other services hold. */
export function ownTexts(plan: ReadPlan, shown: readonly Column[], rows: readonly Row[]): readonly string[] {
  return relatedTexts({ ...plan, columns: ownColumns(plan), foreign: [] }, shown, rows);
}

/** The names of all that a record of this plan has. */
export function namesOf(plan: ReadPlan, shown: readonly Column[]): readonly string[] {
  return partsOf(plan, shown).flatMap(({ fields }) => fields.map(({ as }) => as));
}

/** What a cell of a row gives to the record: itself, or fields of the record in it. */
interface Part {
  /** Where the cell stands in the row. */
  readonly at: number;
  readonly fields: readonly Field[];
  readonly isLifted: boolean;
}

interface Field {
  readonly name: string;
  readonly as: string;
}

/** No name is given twice: the first one holds, and those of the record itself are the first. */
function partsOf({ columns, related = [], foreign = [] }: ReadPlan, shown: readonly Column[]): readonly Part[] {
  const taken = new Set<string>();
  const part = (at: number, all: readonly Field[], isLifted = false): Part => {
    const fields = all.filter(({ as }) => !taken.has(as));
    for (const { as } of fields) taken.add(as);
    return { at, fields, isLifted };
  };
  const far = columns.length + related.length;
  const parts = [
    ...shown.map(({ name }, at) => part(at, [itself(name)])),
    ...related.map((each, index) => part(columns.length + index, fieldsOf(each), each.flattenPrefix !== undefined)),
    ...foreign.map(({ name }, index) => part(far + index, [itself(name)])),
  ];
  return parts.filter(({ fields }) => fields.length > 0);
}

function itself(name: string): Field {
  return { name, as: name };
}

function fieldsOf({ name, flattenPrefix, read }: RelatedPlan): readonly Field[] {
  if (flattenPrefix === undefined) return [itself(name)];
  return [...read.columns, ...(read.related ?? [])].map((each) => ({
    name: each.name,
    as: `${flattenPrefix}${each.name}`,
  }));
}

function cellsOf({ fields, isLifted }: Part, cell: string): readonly string[] {
  if (!isLifted) return [cell];
  const record = parseStored(cell) as Readonly<Record<string, unknown>> | null;
  return fields.map(({ name }) => JSON.stringify(record?.[name] ?? null));
}
