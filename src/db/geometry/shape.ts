/** Numbers are the digits that were written. A position, a list of positions, a list of such lists… */
export type Coordinates = readonly (string | Coordinates)[];

/** A geometry, from wherever it was read. */
export interface Shape {
  /** In capitals, as WKT has it. */
  readonly type: string;
  /** `Z`, `M` or `ZM` where the text says so. */
  readonly dimensions: string;
  readonly coordinates: Coordinates;
  /** The parts of a collection. */
  readonly parts: readonly Shape[];
}

/** How deep the lists around the positions of each type nest. */
export const DEPTHS: Readonly<Record<string, number>> = {
  POINT: 0,
  LINESTRING: 1,
  MULTIPOINT: 1,
  POLYGON: 2,
  MULTILINESTRING: 2,
  MULTIPOLYGON: 3,
};
/** Deeper than any geometry of use. */
export const MOST_NESTING = 16;

/** Whether the shape is one that a database can keep: what is missing or does not close is none. */
export function isWhole(shape: Shape): boolean {
  if (shape.type === "GEOMETRYCOLLECTION") return shape.parts.every(isWhole) && sizesOf(shape).size <= 1;
  const depth = DEPTHS[shape.type];
  if (depth === undefined) return true;
  const sizes = sizesOf(shape);
  if (sizes.size > 1 || [...sizes].some((size) => !fits(size, shape.dimensions))) return false;
  return shape.coordinates.length === 0 || nests(shape.coordinates, depth, shape.type);
}

function fits(size: number, dimensions: string): boolean {
  return dimensions === "" ? size >= 2 && size <= 4 : size === 2 + dimensions.length;
}

/** How many numbers the positions have. */
function sizesOf({ coordinates, parts }: Shape): ReadonlySet<number> {
  return new Set(
    [...positionsOf(coordinates), ...parts.flatMap((part) => positionsOf(part.coordinates))].map((each) => each.length),
  );
}

function positionsOf(coordinates: Coordinates): readonly Coordinates[] {
  if (coordinates.length === 0) return [];
  return isPosition(coordinates) ? [coordinates] : coordinates.flatMap((each) => positionsOf(each as Coordinates));
}

function isPosition(coordinates: Coordinates): boolean {
  return coordinates.every((each) => typeof each === "string");
}

function nests(coordinates: Coordinates, depth: number, type: string): boolean {
  if (depth === 0) return isPosition(coordinates) && coordinates.length > 0;
  const lists = coordinates.filter((each) => typeof each !== "string");
  if (lists.length !== coordinates.length) return false;
  if (depth > 1 || type === "MULTIPOINT") return lists.every((each) => nests(each, depth - 1, type));
  return (
    lists.every(isPosition) && (type.endsWith("POLYGON") ? isRing(lists) : lists.length === 0 || lists.length >= 2)
  );
}

function isRing(positions: readonly Coordinates[]): boolean {
  const [first] = positions;
  return (
    positions.length === 0 ||
    (positions.length >= 4 && String(first?.map(Number)) === String(positions.at(-1)?.map(Number)))
  );
}

/** The shape as WKT. */
export function wktOf(shape: Shape): string {
  const { type, parts, coordinates } = shape;
  const isEmpty = type === "GEOMETRYCOLLECTION" ? parts.length === 0 : coordinates.length === 0;
  const dimensions = shape.dimensions || impliedDimensions(shape);
  const head = dimensions === "" ? type : `${type} ${dimensions}`;
  if (isEmpty) return `${head} EMPTY`;
  if (type === "GEOMETRYCOLLECTION") return `${head}(${parts.map(wktOf).join(",")})`;
  return `${head}${type === "POINT" ? `(${coordinates.join(" ")})` : listOf(coordinates)}`;
}

/** Three numbers without a word are a height. */
export function impliedDimensions(shape: Shape): string {
  const [size = 2] = sizesOf(shape);
  return ["", "Z", "ZM"][size - 2] ?? "";
}

function listOf(coordinates: Coordinates): string {
  if (coordinates.length === 0) return "EMPTY";
  const items = coordinates.map((each) => {
    if (typeof each === "string") return each;
    return isPosition(each) && each.length > 0 ? each.join(" ") : listOf(each);
  });
  return `(${items.join(",")})`;
}
