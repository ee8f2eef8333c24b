import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import { readGeoJson, sridOfGeoJson } from "./geojson.ts";
import { impliedDimensions, isWhole, type Shape, wktOf } from "./shape.ts";
import { readWkt } from "./wkt.ts";

/** What the type of a column says of its geometries, such as `geometry(PointZ,4326)`. */
interface Wanted {
  readonly type: string;
  readonly dimensions: string;
  readonly srid: number;
}

/** GeoJSON, WKT or EWKT as EWKT; one without a reference system takes that of the column. `undefined` for what is none. */
export function checkGeometry(value: Json, { dbType }: { readonly dbType: string }, field: string): string | undefined {
  const isText = typeof value === "string";
  const [, said, text = ""] = isText ? (/^\s*(?:SRID\s*=\s*(\d{1,6})\s*;)?(.*)$/is.exec(value) ?? []) : [];
  const shape = isText ? readWkt(text) : readGeoJson(value);
  if (shape === undefined || !isWhole(shape)) return undefined;
  const wanted = wantedBy(dbType);
  const given = isText ? said && Number(said) : sridOfGeoJson(value);
  const srid = given || wanted.srid;
  demandFit(shape, { ...wanted, srid: wanted.srid === 0 ? srid : wanted.srid }, srid, field);
  return srid === 0 ? wktOf(shape) : `SRID=${srid};${wktOf(shape)}`;
}

const TYPMOD = /(geometry|geography)(?:\((\w+?)(ZM|Z|M)?(?:,(\d+))?\))?$/i;
const WGS84 = 4326;

function wantedBy(dbType: string): Wanted {
  const [, base, type = "Geometry", dimensions, srid] = TYPMOD.exec(dbType) ?? [];
  const standard = base === "geography" ? WGS84 : 0;
  const isAny = type.toUpperCase() === "GEOMETRY" && dimensions === undefined;
  return {
    type: type.toUpperCase(),
    dimensions: isAny ? "*" : (dimensions ?? "").toUpperCase(),
    srid: Number(srid ?? standard),
  };
}

/** The database would refuse it without naming the field. */
function demandFit(shape: Shape, wanted: Wanted, srid: number, field: string): void {
  const isOfType = wanted.type === "GEOMETRY" || wanted.type === shape.type;
  const dimensions = shape.dimensions || impliedDimensions(shape);
  const isFlat = wanted.dimensions === "*" || dimensions === wanted.dimensions;
  if (isOfType && isFlat && srid === wanted.srid) return;
  const kind = [wanted.type, wanted.dimensions.replace("*", "")].filter(Boolean).join(" ");
  const system = wanted.srid === 0 ? "" : ` with SRID ${wanted.srid}`;
  throw new Fault("bad_request", `Field '${field}' must be a geometry of type ${kind}${system}.`);
}
