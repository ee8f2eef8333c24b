import { Fault } from "../../contract/fault.ts";
import { planWhere } from "../../db/plan/read.ts";
import { run } from "../../db/table/context.ts";
import { readOneRecord, readRecords } from "../../db/table/records.ts";
import type { SystemRow } from "../../store/rows.ts";
import { readId } from "./nested.ts";
import type { ResourceCall } from "./table.ts";

/** A row that a write names, and what it says of it. */
export interface Target {
  readonly id: number;
  readonly said: SystemRow;
}

interface Targets {
  readonly targets: readonly Target[];
  readonly isList: boolean;
}

/** The rows that a PUT, PATCH or DELETE names: by its path, by `ids`, by `filter`, or each record by its own id. */
export async function findTargets(asked: ResourceCall, id?: string): Promise<Targets> {
  if (id !== undefined) return { targets: [{ id: readId(id), said: saidOf(asked) }], isList: false };
  const ids = await idsOf(asked);
  if (ids !== undefined) {
    const said = saidOf(asked);
    return { targets: ids.map((each) => ({ id: each, said })), isList: true };
  }
  const { records, isList } = readRecords(asked.table.call.body);
  return { targets: records.map((said) => ({ id: ownId(said), said })), isList };
}

function saidOf({ table: { call } }: ResourceCall): SystemRow {
  return call.verb === "DELETE" ? {} : readOneRecord(call.body);
}

async function idsOf({ table }: ResourceCall): Promise<readonly number[] | undefined> {
  const { query, scope } = table;
  if (query.idField !== undefined && query.idField.join() !== "id")
    throw new Fault("bad_request", "The parameter 'id_field' may name only 'id' where settings are written.");
  if (query.ids !== undefined) return [...new Set(query.ids.map((each) => readId(each)))];
  if (query.where === undefined) return undefined;
  const [columns, where] = [table.table.key, planWhere(query, scope, undefined)];
  const order = columns.map((column) => ({ column, descending: false }));
  // Whatever a page holds: a write by filter means all rows that fit.
  const plan = { kind: "read", table: table.table, columns, where, order, limit: undefined, offset: 0 } as const;
  return (await run(table, plan)).rows.map(([id]) => Number(id));
}

function ownId({ id }: SystemRow): number {
  if (id === undefined || id === null)
    throw new Fault("bad_request", "Identifying field 'id' can not be empty for the request.");
  return readId(id);
}
