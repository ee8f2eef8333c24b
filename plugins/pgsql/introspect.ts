import type { ForeignKeyFacts, IndexFacts, Introspection, TableFacts } from "../../src/db/catalog.ts";
import type { Execute } from "../../src/db/sql/connector.ts";
import type { Bound } from "../../src/db/sql/driver.ts";
import { arrayLiteral } from "./array.ts";
import { COLUMNS, DEFAULT_SCHEMA, FOREIGN_KEYS, INDEXES, TABLES } from "./catalog-queries.ts";
import { factsOfType, type PgColumn } from "./columns.ts";
import { readDefault } from "./default.ts";

/** A row of texts, in the order of the query's select list. */
export type Fields = readonly (string | null)[];

/** Reads the tables of the schemas (none named: of the default one) that the account may use in some way. */
export async function introspect(execute: Execute, schemas: readonly string[]): Promise<Introspection> {
  const read = async (text: string, values: readonly Bound[]): Promise<readonly Fields[]> =>
    (await execute({ text, values })).rows as readonly Fields[];
  const [[defaultSchema] = []] = await read(DEFAULT_SCHEMA, []);
  const tables = await read(TABLES, [arrayLiteral(schemas)]);
  const ids = arrayLiteral(tables.map(([id = null]) => id));
  const columns = groupById(await read(COLUMNS, [ids]));
  const indexes = groupById(await read(INDEXES, [ids]));
  const foreignKeys = groupById(await read(FOREIGN_KEYS, [ids]));
  return {
    defaultSchema: defaultSchema ?? "public",
    schemas,
    tables: tables.map(([id, schema, name, kind, comment]): TableFacts => {
      const own = (groups: ReadonlyMap<string, readonly Fields[]>) => groups.get(id ?? "") ?? [];
      return {
        schema: schema ?? "",
        name: name ?? "",
        kind: KINDS[kind ?? ""] ?? "table",
        comment: comment ?? null,
        columns: own(columns).map(readColumn),
        key: own(indexes).flatMap(([, , isPrimary, , names]) => (isPrimary === "t" ? readList(names) : [])),
        indexes: own(indexes).map(readIndex),
        foreignKeys: own(foreignKeys).map(readForeignKey),
      };
    }),
  };
}

const KINDS: Readonly<Record<string, TableFacts["kind"]>> = { v: "view", m: "materialized_view" };

function groupById(rows: readonly Fields[]): ReadonlyMap<string, readonly Fields[]> {
  return Map.groupBy(rows, ([id]) => id ?? "");
}

const TEXT_OID = 25;

/** A row of {@link COLUMNS}, or of what is like it. */
export function readColumn(row: Fields): PgColumn {
  const [
    ,
    name,
    dbType,
    base = "",
    modifier,
    labels,
    isArray,
    elementType,
    isNotNull,
    expression,
    identity,
    generated,
    oid,
    typeSchema,
  ] = row;
  const facts = factsOfType({
    base: base ?? "",
    modifier: Number(modifier),
    labels: labels ? readList(labels) : undefined,
  });
  const column: PgColumn = {
    ...facts,
    ...(isArray === "t" && arrayFacts(facts, elementType ?? "")),
    name: name ?? "",
    dbType: facts.family === "geometry" ? (dbType ?? "").replace(/^.*\.(?=\w+(?:\(|$|\[))/, "") : (dbType ?? ""),
    base: base ?? "",
    // Geometries are read by a function that gives text.
    oid: isArray !== "t" && facts.family === "geometry" ? TEXT_OID : Number(oid),
    typeSchema: typeSchema ?? "",
    allowNull: isNotNull !== "t",
    ...originOf(expression ?? null, identity ?? "", generated ?? ""),
  };
  return column;
}

/** Each element is checked as a column of its type would be. */
function arrayFacts(facts: ReturnType<typeof factsOfType>, elementType: string) {
  const isGeometry = facts.family === "geometry";
  const element = { ...facts, ...(isGeometry && { family: "string" as const }), dbType: elementType };
  return { type: "array", family: "array", length: null, precision: null, scale: null, element } as const;
}

/** Where a value comes from when none is given. An identity that is ALWAYS the database's can not be written at all. */
function originOf(expression: string | null, identity: string, generated: string) {
  const isSerial = expression !== null && /^nextval\(/.test(expression);
  return {
    default: generated === "" ? readDefault(expression) : expression,
    hasDefault: expression !== null || identity !== "",
    autoIncrement: identity !== "" || isSerial,
    generated: identity === "a" || generated !== "",
  };
}

function readIndex([, name, isPrimary, isUnique, columns, isPart]: Fields): IndexFacts {
  const flags = { unique: isUnique === "t", primary: isPrimary === "t", ...(isPart === "t" && { isPart: true }) };
  return { name: name ?? "", columns: readList(columns), ...flags };
}

const ACTIONS: Readonly<Record<string, string>> = {
  a: "NO ACTION",
  r: "RESTRICT",
  c: "CASCADE",
  n: "SET NULL",
  d: "SET DEFAULT",
};

function readForeignKey([
  ,
  columns,
  refSchema,
  refTable,
  refColumns,
  onUpdate,
  onDelete,
  name,
]: Fields): ForeignKeyFacts {
  return {
    name: name ?? "",
    columns: readList(columns),
    refSchema: refSchema ?? "",
    refTable: refTable ?? "",
    refColumns: readList(refColumns),
    onUpdate: ACTIONS[onUpdate ?? ""] ?? null,
    onDelete: ACTIONS[onDelete ?? ""] ?? null,
  };
}

/** Lists come as JSON. */
export function readList(json: string | null | undefined): readonly string[] {
  return json ? (JSON.parse(json) as string[]) : [];
}
