import type { Call } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import type { Access } from "../../contract/service.ts";
import { readOneRecord, readRecords } from "../../db/table/records.ts";
import { isJsonObject } from "../../lib/json.ts";
import type { SystemRow } from "../../store/rows.ts";
import { readValue } from "./read.ts";
import { type ResourceTable, tableCall, withoutRelated } from "./table.ts";

/** A row that a write names, and what it says of it. */
export interface Target {
  readonly id: string;
  readonly said: SystemRow;
}

export interface Targets {
  readonly targets: readonly Target[];
  readonly isList: boolean;
}

/** The rows that a PUT, PATCH or DELETE names: by its path, by `ids`, by `filter`, or each record by its own id. */
export async function findTargets(on: ResourceTable, call: Call, access: Access, id?: string): Promise<Targets> {
  if (id !== undefined) return { targets: [{ id, said: saidOf(call) }], isList: false };
  const plain = withoutRelated(call);
  const { query } = tableCall(on, plain, access);
  const ids = query.ids?.map(String) ?? (query.where ? await idsByFilter(on, plain, access) : undefined);
  if (ids !== undefined) {
    const said = saidOf(call);
    return { targets: ids.map((each) => ({ id: each, said })), isList: true };
  }
  const { records, isList } = readRecords(call.body);
  return { targets: records.map((said) => ({ id: ownId(said), said })), isList };
}

function saidOf(call: Call): SystemRow {
  return call.verb === "DELETE" ? {} : readOneRecord(call.body);
}

async function idsByFilter(on: ResourceTable, call: Call, access: Access): Promise<readonly string[]> {
  const params = new Map([...call.params, ["fields", "id"] as const]);
  const found = await readValue(on, { ...call, verb: "GET", params }, access);
  const rows: Json = isJsonObject(found) ? (found.resource ?? []) : [];
  return (rows as readonly SystemRow[]).map((row) => String(row.id));
}

function ownId({ id }: SystemRow): string {
  if (typeof id !== "number" && typeof id !== "string") {
    throw new Fault("bad_request", "Identifying field 'id' can not be empty for the request.");
  }
  return String(id);
}
