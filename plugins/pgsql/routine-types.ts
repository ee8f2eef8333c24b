import type { Execute } from "../../src/db/sql/connector.ts";
import { arrayLiteral } from "./array.ts";
import { ATTRIBUTES, TYPES } from "./catalog-queries.ts";
import type { PgColumn } from "./columns.ts";
import { type Fields, readColumn } from "./introspect.ts";

/** Types by oid, and the columns of composite ones. */
export interface Types {
  readonly byId: ReadonlyMap<number, PgType>;
  readonly attributes: ReadonlyMap<string, readonly Fields[]>;
}

export interface PgType {
  readonly facts: PgColumn;
  readonly kind: string;
  readonly relation: string;
}

/** Reads the types of these oids. */
export async function readTypes(execute: Execute, ids: ReadonlySet<number>): Promise<Types> {
  const read = async (text: string, list: readonly string[]) =>
    (await execute({ text, values: [arrayLiteral(list)] })).rows as readonly Fields[];
  const rows = await read(TYPES, [...ids].map(String));
  const byId = new Map(rows.map((row) => [Number(row[0]), readType(row)]));
  const relations = [...byId.values()].flatMap(({ kind, relation }) => (kind === "c" ? [relation] : []));
  const attributes = await read(ATTRIBUTES, relations);
  return { byId, attributes: Map.groupBy(attributes, ([id]) => id ?? "") };
}

function readType(row: Fields): PgType {
  return { facts: readColumn(row), kind: row[14] ?? "", relation: row[15] ?? "" };
}

/** The columns of a result by the oids that came with it. */
export async function columnsOfTypes(execute: Execute, oids: readonly number[]): Promise<readonly PgColumn[]> {
  const { byId } = await readTypes(execute, new Set(oids));
  return oids.map((oid) => typeOf(oid, { byId, attributes: new Map() }).facts);
}

const UNKNOWN: Fields = ["0", "", "text", "text", "-1", null, "f", null, "f", null, "", "", "25", "pg_catalog"];

/** The type of an oid; one that is gone by now goes as text. */
export function typeOf(oid: number, types: Types): PgType {
  return types.byId.get(oid) ?? readType(UNKNOWN);
}
