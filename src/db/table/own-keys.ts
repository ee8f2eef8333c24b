import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import { type Column, findColumn } from "../catalog.ts";
import { isOptionName } from "../options.ts";
import { type KeyLookup, keyColumns, lookupKeys } from "../plan/read.ts";
import type { Record_ } from "../plan/write.ts";
import type { TableCall } from "./context.ts";
import { readRecords } from "./records.ts";

/** The values of the key fields of a record. Raises `bad_request` when one is missing. */
export function keyOfRecord(on: TableCall, record: Record_, columns: readonly Column[]): readonly Json[] {
  return columns.map((column) => {
    const name = Object.keys(record).find((each) => findColumn(on.catalog, on.table, each) === column);
    const value = name === undefined ? undefined : record[name];
    if (value === undefined)
      throw new Fault("bad_request", `Identifying field '${column.name}' can not be empty for the request.`);
    return value;
  });
}

/** Whether a field of a record is one of these columns. */
export function isOneOf(on: TableCall, name: string, columns: readonly Column[]): boolean {
  const column = findColumn(on.catalog, on.table, name);
  return column !== undefined && columns.includes(column);
}

/** The keys of the records in the body; `undefined` when it holds only options. */
export function keysOfBody(on: TableCall): { readonly lookup: KeyLookup; readonly isList: boolean } | undefined {
  const { body } = on.call;
  if (body === undefined || body === null) return undefined;
  const { records, isList } = readRecords(body);
  if (!isList && Object.keys(records[0] ?? {}).every(isOptionName)) return undefined;
  const columns = keyColumns(on.query, on.scope);
  const keys = records.map((record) => keyOfRecord(on, record, columns));
  return { lookup: lookupKeys(keys, columns), isList };
}
