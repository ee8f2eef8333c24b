import { recordTexts } from "../reply.ts";
import { castJson } from "./cast.ts";
import type { CallOutcome, RowSet } from "./plan.ts";
import type { CallRequest } from "./request.ts";

/** What a call answers, as JSON text: a scalar, rows, lists of rows, or these beside the values of parameters. */
export function answerText(name: string, outcome: CallOutcome, request: CallRequest): string {
  const sets = outcome.sets.map((set) => castSet(set, request));
  const value = valueText(name, { ...outcome, sets }, request);
  const { wrapper } = request;
  if (outcome.out.length === 0) return wrapper === undefined ? value : objectText([[wrapper, value]]);
  const isEmpty = value === "[]" || value === "null";
  return objectText([...(isEmpty ? [] : [[wrapper ?? "resource", value] as const]), ...outcome.out]);
}

function objectText(entries: readonly (readonly [string, string])[]): string {
  return `{${[...new Map(entries)].map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",")}}`;
}

function valueText(name: string, { sets, scalar }: CallOutcome, { returns }: CallRequest): string {
  const single = scalar ?? loneCell(name, sets);
  if (returns !== undefined && returns !== "table") return castJson(single ?? sets[0]?.rows[0]?.[0] ?? "null", returns);
  if (single !== undefined) return single;
  const [first = "[]", ...others] = sets.map(rowsText);
  return others.length === 0 ? first : `[${[first, ...others].join(",")}]`;
}

/** One row whose single column is named like the routine is a scalar by another way. */
function loneCell(name: string, sets: readonly RowSet[]): string | undefined {
  const [set, ...others] = sets;
  if (set === undefined || others.length > 0 || set.rows.length !== 1 || set.columns.length !== 1) return undefined;
  const bare = name.toLowerCase();
  const column = set.columns[0]?.name.toLowerCase();
  return column === bare || bare.endsWith(`.${column}`) ? (set.rows[0]?.[0] ?? "null") : undefined;
}

function rowsText({ columns, rows }: RowSet): string {
  return `[${recordTexts(columns, rows).join(",")}]`;
}

function castSet(set: RowSet, { schema }: CallRequest): RowSet {
  const types = set.columns.map((column) => schema.get(column.name));
  if (types.every((type) => type === undefined)) return set;
  const rows = set.rows.map((row) =>
    row.map((json, index) => {
      const type = types[index];
      return type === undefined || json === undefined || json === null ? json : castJson(json, type);
    }),
  );
  return { ...set, rows };
}
