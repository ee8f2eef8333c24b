import { expect, test } from "vitest";
import { editExtras } from "../../../src/db/extras/edit.ts";
import { extras } from "./catalog.ts";

const KNOWN = extras({
  t: {
    table: { label: "T", alias: "x" },
    fields: { a: { label: "A", picklist: ["1"] } },
    relations: { r: { alias: "y" } },
  },
  u: { table: { label: "U" } },
});

test("a merge keeps what is not said and forgets what is null", () => {
  const edit = editExtras(KNOWN);
  edit.putTable("t", { alias: null, plural: "Ts" }, "merge");
  edit.putField("t", "a", { label: "B", picklist: null }, "merge");
  expect(edit.changes()).toEqual({
    t: { table: { label: "T", plural: "Ts" }, fields: { a: { label: "B" } }, relations: { r: { alias: "y" } } },
  });
});

test("a replacement forgets what is not said", () => {
  const edit = editExtras(KNOWN);
  edit.putTable("t", { plural: "Ts" }, "replace");
  edit.putField("t", "a", { label: "B" }, "replace");
  edit.putRelation("t", "r", { always_fetch: true }, "replace");
  expect(edit.changes()).toEqual({
    t: { table: { plural: "Ts" }, fields: { a: { label: "B" } }, relations: { r: { always_fetch: true } } },
  });
});

test("what is dropped is gone, and a table of which nothing is left too", () => {
  const edit = editExtras(KNOWN);
  edit.dropField("t", "a");
  edit.dropRelation("t", "r");
  expect(edit.changes()).toEqual({ t: { table: { label: "T", alias: "x" }, fields: {}, relations: {} } });
  edit.putTable("t", {}, "replace");
  edit.dropTable("u");
  expect(edit.changes()).toEqual({ t: null, u: null });
  expect(edit.after().tables).toEqual({});
});

test("a table that was dropped and made anew begins with nothing", () => {
  const edit = editExtras(KNOWN);
  edit.dropTable("t");
  edit.putField("t", "b", { label: "B" }, "merge");
  expect(edit.changes()).toEqual({ t: { fields: { b: { label: "B" } } } });
});

test("names that every object has are names like others", () => {
  const edit = editExtras(extras({}));
  edit.putField("constructor", "toString", { label: "S" }, "merge");
  expect(edit.changes()).toEqual({ constructor: { fields: { toString: { label: "S" } } } });
});

test("what is not touched is no change", () => {
  const edit = editExtras(KNOWN);
  expect(edit.changes()).toEqual({});
  expect(edit.after().tables).toEqual(KNOWN.tables);
});
