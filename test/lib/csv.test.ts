import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CsvCell, CsvReader, type CsvRow, csvLine } from "../../src/lib/csv.ts";

const MOST_ROW_CHARS = 1024 * 1024;

function read(pieces: readonly string[], separator = ","): readonly CsvRow[] {
  const reader = new CsvReader(separator, MOST_ROW_CHARS);
  const rows: CsvRow[] = [];
  for (const piece of pieces) reader.read(piece, rows);
  reader.end(rows);
  return rows;
}

const cellsOf = (text: string) => read([text]).map(({ cells }) => cells);

/** The text in pieces that end at these places. */
function cut(text: string, places: readonly number[]): readonly string[] {
  const at = [0, ...places.map((place) => place % (text.length + 1)), text.length].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => text.slice(at[index], end));
}

const cell = fc.oneof(
  fc.constant(null),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc
    .array(fc.constantFrom('"', ",", "\r", "\n", "\r\n", "a", " ", "\t", "😀"), { maxLength: 6 })
    .map((each) => each.join("")),
);
const places = fc.array(fc.nat(), { maxLength: 8 });

describe("CSV", () => {
  test("that was written is read as it was, wherever it is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 6 }), places, (rows, at) => {
        const text = rows.map(csvLine).join("");
        expect(read(cut(text, at)).map(({ cells }) => cells)).toEqual(rows);
      }),
      { numRuns: 2_000 },
    );
  });

  test("of any kind is read the same in one piece and in several, or fails the same", () => {
    const any = fc
      .array(fc.constantFrom('"', ",", "\r", "\n", "a", "b"), { maxLength: 30 })
      .map((each) => each.join(""));
    const outcome = (pieces: readonly string[]) => {
      try {
        return read(pieces);
      } catch (error) {
        return String(error);
      }
    };
    fc.assert(
      fc.property(any, places, (text, at) => {
        expect(outcome(cut(text, at))).toEqual(outcome([text]));
      }),
      { numRuns: 3_000 },
    );
  });

  test("names the line where each row begins", () => {
    const line = fc.array(cell, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (rows) => {
        const texts = rows.map((cells: readonly CsvCell[]) => csvLine(cells));
        const starts = texts.map(
          (_, index) =>
            texts
              .slice(0, index)
              .join("")
              .split(/\r\n|\r|\n/).length,
        );
        expect(read([texts.join("")]).map((row) => row.line)).toEqual(starts);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each<[string, readonly (readonly CsvCell[])[]]>([
    ["", []],
    ["a", [["a"]]],
    [
      "a,b\r\nc,d",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    ["a\nb\n", [["a"], ["b"]]],
    ["a\rb\r", [["a"], ["b"]]],
    [",", [[null, null]]],
    ['"",', [["", null]]],
    ["\n\n", [[null], [null]]],
    ['"a,""b""\r\nc"', [['a,"b"\r\nc']]],
    [' a , "b" ', [[" a ", ' "b" ']]],
    ['5" pipe,x', [['5" pipe', "x"]]],
  ])("%j is read as %j", (text, rows) => {
    expect(cellsOf(text)).toEqual(rows);
  });

  test.each([
    ['"a', "Line 1 of the CSV opens a quote that is not closed."],
    ['x\n"a\nb', "Line 2 of the CSV opens a quote that is not closed."],
    ['"a"b', "Line 1 of the CSV has text behind a closing quote."],
    ['a\n"b" ,c', "Line 2 of the CSV has text behind a closing quote."],
  ])("%j is refused at its line", (text, message) => {
    expect(() => cellsOf(text)).toThrow(new SyntaxError(message));
  });

  test("has no row that is too long", () => {
    expect(cellsOf("x".repeat(MOST_ROW_CHARS - 1))[0]?.[0]?.length).toBe(MOST_ROW_CHARS - 1);
    for (const text of [
      "x".repeat(MOST_ROW_CHARS + 1),
      `"${"x".repeat(MOST_ROW_CHARS + 1)}`,
      ",".repeat(MOST_ROW_CHARS + 1),
    ])
      expect(() => cellsOf(`a\n${text}`)).toThrow(new RangeError("Line 2 of the CSV is too long."));
  });

  test("may have another separator", () => {
    expect(read(['a\t"b\tc"\td,e'], "\t").map(({ cells }) => cells)).toEqual([["a", "b\tc", "d,e"]]);
  });

  test("of megabytes is read in a moment, however it is cut", () => {
    const text = csvLine(["abc", "1", 'x"y', null]).repeat(100_000);
    const began = performance.now();
    expect(read([text]).length).toBe(100_000);
    expect(read(text.slice(0, 300_000).split("")).length).toBeGreaterThan(10_000);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
