import { Fault } from "../../src/contract/fault.ts";
import type { Column } from "../../src/db/catalog.ts";
import type { Comparison } from "../../src/db/plan/plan.ts";
import type { PgColumn } from "./columns.ts";

type Geometry = Pick<Column, "name" | "dbType"> & Partial<PgColumn>;

/** Whether a column is one of PostGIS. Whatever its functions and operators are called with is qualified: see {@link inSchema}. */
export function isGeometry({ family }: Pick<Column, "family">): boolean {
  return family === "geometry";
}

/** Without the schema of the extension, which need not be on the search path, `=` would compare texts in silence. */
function inSchema({ typeSchema = "public" }: Geometry, name: string): string {
  return `"${typeSchema.replaceAll('"', '""')}".${name}`;
}

/** The type without its modifier, for a cast. */
export function geometryType(column: Geometry): string {
  return inSchema(column, column.base ?? "geometry");
}

/** More digits than a double has: none is lost. */
const DIGITS = 30;

/**
 * The geometry as GeoJSON text. What that can not say (arcs, measures, polyhedral surfaces) is the JSON text of its EWKT.
 * Where the column does not say the reference system, each geometry names its own if it is not WGS 84.
 */
export function geoJsonOf(column: Geometry, reference: string): string {
  const call = (name: string, ...args: readonly (string | number)[]) => `${inSchema(column, name)}(${args.join(", ")})`;
  const plain = column.base === "geography" ? `${reference}::${inSchema(column, "geometry")}` : reference;
  const isKnown = column.base === "geography" || /,\d+\)$/.test(column.dbType);
  const srids = inSchema(column, "spatial_ref_sys");
  const options = isKnown
    ? 0
    : `CASE WHEN EXISTS (SELECT FROM ${srids} r WHERE r.srid = ${call("ST_SRID", plain)}) THEN 8 ELSE 0 END`;
  const isMore = `${call("ST_Zmflag", plain)} IN (1, 3) OR ${call("ST_HasArc", plain)}
    OR ${call("GeometryType", plain)} = 'POLYHEDRALSURFACE'`;
  const text = `to_json(${call("ST_AsEWKT", plain)})::text`;
  return `CASE WHEN ${isMore} THEN ${text} ELSE ${call("ST_AsGeoJSON", plain, DIGITS, options)} END`;
}

/** Only equality is about the whole geometry. Raises `bad_request` for all else. */
export function compareGeometry(column: Geometry, operand: string, op: Comparison, placeholder: string): string {
  if (op !== "=" && op !== "!=") throw onlyEqual(column);
  const equal = `${operand} OPERATOR(${inSchema(column, "=")}) ${placeholder}::${geometryType(column)}`;
  return op === "=" ? equal : `NOT (${equal})`;
}

export function onlyEqual({ name }: Geometry): Fault {
  return new Fault("bad_request", `Field '${name}' is a geometry: it can only be compared by =, != and IN.`);
}
