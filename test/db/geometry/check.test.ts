import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import { checkGeometry } from "../../../src/db/geometry/check.ts";

const read = (value: Json, dbType = "geometry") => checkGeometry(value, { dbType }, "g");

describe("geometries", () => {
  test.each<[Json, string]>([
    ["POINT(1 2)", "POINT(1 2)"],
    ["point z(1 2 3)", "POINT Z(1 2 3)"],
    ["POINTZM(1 2 3 4)", "POINT ZM(1 2 3 4)"],
    ["SRID=4326;POINT(1 2)", "SRID=4326;POINT(1 2)"],
    ["POINT EMPTY", "POINT EMPTY"],
    ["MULTIPOINT((1 2),(3 4))", "MULTIPOINT(1 2,3 4)"],
    ["MULTIPOLYGON(((0 0,0 1,1 1,0 0)),((5 5,5 6,6 6,5 5)))", "MULTIPOLYGON(((0 0,0 1,1 1,0 0)),((5 5,5 6,6 6,5 5)))"],
    ["GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))", "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))"],
    ["GEOMETRYCOLLECTION EMPTY", "GEOMETRYCOLLECTION EMPTY"],
    [{ type: "Point", coordinates: [1, 2] }, "POINT(1 2)"],
    [{ type: "Point", coordinates: [] }, "POINT EMPTY"],
    [{ type: "Point", coordinates: [1, 2, 3] }, "POINT Z(1 2 3)"],
    [{ type: "MultiLineString", coordinates: [] }, "MULTILINESTRING EMPTY"],
  ])("%j → %s", (value, expected) => {
    expect(
      read(value)
        ?.replace(/ \(/g, "(")
        .replace(/(Z|M) \(/g, "$1("),
    ).toBe(expected);
  });

  test.each<[Json]>([
    ["POINT"],
    ["POINT()"],
    ["POINT(1 2"],
    ["POINT(1 2))"],
    ["POINT(1 2, 3 4)"],
    ["POINT(1e999 2)"],
    ["POINT(1 2 3 4 5)"],
    ["POINT Z (1 2)"],
    ["LINESTRING(1 2)"],
    ["LINESTRING((1 2),(3 4))"],
    ["POLYGON(0 0,0 1,1 1,0 0)"],
    ["POLYGON((0 0,0 1,0 0))"],
    ["MULTIPOINT(1 2, EMPTY)"],
    ["SRID=x;POINT(1 2)"],
    ["POINT(1 2);SELECT 1"],
    [`${"GEOMETRYCOLLECTION(".repeat(40)}POINT(1 2)${")".repeat(40)}`],
    [{ type: "Point" }],
    [{ type: "Point", coordinates: ["1", "2"] }],
    [{ type: "Point", coordinates: [[1, 2]] }],
    [{ type: "constructor", coordinates: [1, 2] }],
    [{ type: "GeometryCollection", geometries: [{ type: "Point", coordinates: [1] }] }],
    [[1, 2]],
    [true],
  ])("%j is none", (value) => {
    expect(read(value)).toBeUndefined();
  });

  test("one without a reference system takes that of the column", () => {
    expect(read("POINT(1 2)", "geometry(Point,3857)")).toBe("SRID=3857;POINT(1 2)");
    expect(read("POINT(1 2)", "geography")).toBe("SRID=4326;POINT(1 2)");
    expect(read({ type: "Point", coordinates: [1, 2] }, "geometry(Geometry,3857)")).toBe("SRID=3857;POINT(1 2)");
  });

  test("long texts are read in linear time", () => {
    const began = performance.now();
    for (const part of ["1", "1 ", "(", ")", ",", "A", "1,", ".", "e1", " "])
      read(`LINESTRING(${part.repeat(100_000)}`);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
