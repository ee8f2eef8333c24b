import { describe, expect, test } from "vitest";
import type { Column } from "../../../src/db/catalog.ts";
import type { ReadPlan, Row } from "../../../src/db/plan/plan.ts";
import { pages } from "../../../src/db/sql/pages.ts";
import { Asking, bytesOf, MOST_BYTES, Portion } from "../../../src/db/sql/portion.ts";

const MIB = 1024 * 1024;
const TINY = ["1", "x"];
const HUGE = ["2", "x".repeat(2 * MIB)];
const rowsOf = (...parts: readonly (readonly [number, Row])[]) =>
  parts.flatMap(([count, row]) => Array.from({ length: count }, () => row));
const UNEVEN = rowsOf([400, TINY], [300, HUGE], [5_000, TINY], [50, HUGE]);

const sizeOf = (rows: readonly Row[]) => rows.reduce((sum, row) => sum + bytesOf(row), 0);

describe("rows that are seen one by one", () => {
  const portionsOf = (rows: readonly Row[]) => {
    const portion = new Portion();
    const full = rows.flatMap((row) => (portion.add(row) ? [portion.take().rows] : []));
    return [...full, portion.take().rows] as readonly (readonly Row[])[];
  };

  test("are handed over before they are too large, whatever came before", () => {
    const portions = portionsOf(UNEVEN);
    expect(portions.flat().length).toBe(UNEVEN.length);
    expect(Math.max(...portions.map(sizeOf))).toBeLessThan(MOST_BYTES + bytesOf(HUGE));
  });

  test("are handed over some hundred at a time where they are small, the first of them sooner", () => {
    expect(portionsOf(rowsOf([700, TINY])).map((rows) => rows.length)).toEqual([100, 250, 250, 100]);
  });
});

describe("rows that are asked for some at a time", () => {
  /** What each request brings. */
  const requests = (rows: readonly Row[], most: number) => {
    const asking = new Asking(most);
    const brought: (readonly Row[])[] = [];
    for (let at = 0; at < rows.length; at += brought.at(-1)?.length ?? 0) {
      brought.push(rows.slice(at, at + asking.rows));
      asking.note(brought.at(-1) ?? []);
    }
    return brought;
  };

  test("are few at first, and twice as many each time", () => {
    const lengths = requests(rowsOf([400, TINY]), 100).map((rows) => rows.length);
    expect(lengths).toEqual([8, 16, 32, 64, 100, 100, 80]);
  });

  test("are few at once when they are large", () => {
    const lengths = requests(rowsOf([20, HUGE]), 100).map((rows) => rows.length);
    expect(lengths).toEqual([8, ...Array.from({ length: 12 }, () => 1)]);
  });

  test("are never again many when one of them was large", () => {
    const [first = [], ...rest] = requests(UNEVEN.slice(380), 32).filter((rows) => rows.includes(HUGE));
    expect(first.length).toBeLessThanOrEqual(32);
    expect(Math.max(...rest.map(sizeOf))).toBeLessThan(10 * MIB);
  });
});

describe("pages", () => {
  const column = { name: "id", nativeName: "id", family: "integer", type: "integer" } as Column;
  const table = { columns: [column], key: [] as readonly Column[] };
  const plan = {
    kind: "read",
    table,
    columns: [column],
    order: [],
    offset: 0,
    limit: undefined,
  } as unknown as ReadPlan;

  test("hold few rows where these are large", async () => {
    const asked: number[] = [];
    const all = rowsOf([20, HUGE]);
    const run = async ({ limit = 0, offset }: ReadPlan) => {
      asked.push(limit);
      const rows = all.slice(offset, offset + limit);
      return { rows, count: rows.length };
    };
    const read = await Array.fromAsync(pages(plan, run, {} as Parameters<typeof pages>[2]));
    expect([read.flat().length, asked[0], Math.max(...asked.slice(1))]).toEqual([20, 8, 1]);
  });
});
