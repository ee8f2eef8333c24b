import type { Json } from "../../contract/json.ts";
import { isJsonObject, isRawNumber } from "../../lib/json.ts";
import { type Coordinates, MOST_NESTING, type Shape } from "./shape.ts";

/** A geometry object of GeoJSON (RFC 7946), or `undefined`. */
export function readGeoJson(value: Json, depth = 0): Shape | undefined {
  if (!isJsonObject(value) || typeof value.type !== "string" || depth > MOST_NESTING) return undefined;
  const type = TYPES[value.type];
  if (type === undefined) return undefined;
  if (type !== "GEOMETRYCOLLECTION") {
    const coordinates = readCoordinates(value.coordinates);
    return coordinates && { type, dimensions: "", coordinates, parts: [] };
  }
  if (!Array.isArray(value.geometries)) return undefined;
  const parts = (value.geometries as readonly Json[]).map((part) => readGeoJson(part, depth + 1));
  if (!parts.every((part) => part !== undefined)) return undefined;
  return { type, dimensions: "", coordinates: [], parts };
}

const TYPES: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  Point: "POINT",
  LineString: "LINESTRING",
  Polygon: "POLYGON",
  MultiPoint: "MULTIPOINT",
  MultiLineString: "MULTILINESTRING",
  MultiPolygon: "MULTIPOLYGON",
  GeometryCollection: "GEOMETRYCOLLECTION",
});

/** The number of the reference system that an older GeoJSON names: `EPSG:3857`, `urn:ogc:def:crs:EPSG::3857`. */
export function sridOfGeoJson(value: Json): number | undefined {
  const crs = isJsonObject(value) ? value.crs : undefined;
  const properties = isJsonObject(crs) ? crs.properties : undefined;
  const name = isJsonObject(properties) ? properties.name : undefined;
  if (typeof name !== "string") return undefined;
  if (name.endsWith(":CRS84")) return 4326;
  const [, srid] = /^(?:urn:ogc:def:crs:)?EPSG:(?:[\d.]*:)?(\d{1,6})$/i.exec(name) ?? [];
  return srid === undefined ? undefined : Number(srid);
}

function readCoordinates(value: Json | undefined): Coordinates | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = (value as readonly Json[]).map((item) =>
    Array.isArray(item) ? readCoordinates(item) : digitsOf(item),
  );
  const isOfOneKind = new Set(items.map((item) => typeof item)).size <= 1;
  return isOfOneKind && items.every((item) => item !== undefined) ? items : undefined;
}

function digitsOf(value: Json): string | undefined {
  const digits = isRawNumber(value) ? value.rawJSON : typeof value === "number" ? String(value) : undefined;
  return digits !== undefined && Number.isFinite(Number(digits)) ? digits : undefined;
}
