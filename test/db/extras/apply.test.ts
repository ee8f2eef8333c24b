import { describe, expect, test } from "vitest";
import type { TableExtras } from "../../../src/contract/extras.ts";
import type { Principal } from "../../../src/contract/principal.ts";
import { findColumn, findRelation, findTable } from "../../../src/db/catalog.ts";
import { withExtras } from "../../../src/db/extras/apply.ts";
import { checkExtras } from "../../../src/db/extras/check.ts";
import { editExtras } from "../../../src/db/extras/edit.ts";
import { extras, sampleCatalog } from "./catalog.ts";

const CATALOG = sampleCatalog();

function laid(tables: Readonly<Record<string, TableExtras>>, catalog = CATALOG) {
  return withExtras(catalog, extras(tables), { serviceName: (id) => (id === 7 ? "other" : undefined) });
}

function table(name: string, tables: Readonly<Record<string, TableExtras>>) {
  const found = findTable(laid(tables), name);
  if (found === undefined) throw new Error(`There is no table ${name}.`);
  return found;
}

const CALLER = {
  access: { verbs: () => 31 },
  call: { principal: { kind: "admin" } as Principal },
  serviceName: (id: number) => (id === 7 ? "other" : undefined),
};

/** The first problem that saving these extras would have. */
function problem(tables: Readonly<Record<string, TableExtras>>): string | undefined {
  const edit = editExtras(extras({}));
  for (const [name, { table: own = {}, fields = {}, relations = {} }] of Object.entries(tables)) {
    edit.putTable(name, own, "replace");
    for (const [field, said] of Object.entries(fields)) edit.putField(name, field, said, "replace");
    for (const [relation, said] of Object.entries(relations)) edit.putRelation(name, relation, said, "replace");
  }
  try {
    checkExtras(edit, CATALOG, CALLER);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

test("without extras the catalog is the very same", () => {
  expect(laid({})).toBe(CATALOG);
});

describe("an alias", () => {
  const ALIASED = {
    customers: { table: { alias: "clients" }, fields: { name: { alias: "called" }, id: { alias: "number" } } },
  };

  test("of a table is its only name", () => {
    const catalog = laid(ALIASED);
    expect(findTable(catalog, "clients")?.nativeName).toBe("customers");
    expect(findTable(catalog, "Clients")?.ownName).toBe("customers");
    expect(findTable(catalog, "customers")).toBeUndefined();
    expect(findTable(catalog, "CUSTOMERS")).toBeUndefined();
  });

  test("of a field is its only name, in keys too", () => {
    const catalog = laid(ALIASED);
    const clients = table("clients", ALIASED);
    expect(findColumn(catalog, clients, "CALLED")?.nativeName).toBe("name");
    expect(findColumn(catalog, clients, "name")).toBeUndefined();
    expect(clients.key.map(({ name }) => name)).toEqual(["number"]);
    expect(clients.columns.includes(clients.key[0] as never)).toBe(true);
  });

  test("is what relationships and references lead to", () => {
    const orders = table("orders", ALIASED);
    expect(findRelation(orders, "customers_by_customer_id")).toMatchObject({
      refTable: "clients",
      refFields: ["number"],
    });
    expect(orders.columns.find(({ name }) => name === "customer_id")?.reference).toMatchObject({
      table: "clients",
      field: "number",
    });
  });

  test("of a relationship is its only name", () => {
    const { relations } = table("customers", {
      customers: { relations: { orders_by_customer_id: { alias: "sales" } } },
    });
    expect(relations.map(({ name, ownName }) => [name, ownName])).toEqual([["sales", "orders_by_customer_id"]]);
  });

  test("that another table or field has as its name is none", () => {
    const tables = { customers: { table: { alias: "Orders" }, fields: { name: { alias: "EMAIL" } } } };
    expect(table("customers", tables).alias).toBeUndefined();
    expect(table("orders", tables).nativeName).toBe("orders");
    expect(table("customers", tables).columns.map(({ name }) => name)).toEqual(["id", "name", "email", "balance"]);
  });

  test.each<readonly [tables: Readonly<Record<string, TableExtras>>, message: string]>([
    [
      { customers: { table: { alias: "orders" } } },
      "Table 'customers': the alias 'orders' is the name of another table.",
    ],
    [
      { customers: { table: { alias: "x" } }, orders: { table: { alias: "X" } } },
      "Table 'orders': the alias 'X' is the name of another table.",
    ],
    [
      { customers: { fields: { name: { alias: "email" } } } },
      "Field 'name': the alias 'email' is the name of another field of table 'customers'.",
    ],
    [
      { customers: { relations: { orders_by_customer_id: { alias: "name" } } } },
      "Relationship 'orders_by_customer_id': the alias 'name' is the name of something else.",
    ],
  ])("is refused: %j", (tables, message) => {
    expect(problem(tables)).toBe(message);
  });
});

test("labels, descriptions and the name field are those that were said", () => {
  const said = { label: "Client", description: "Who pays.", name_field: "email" };
  const tables = { customers: { table: said, fields: { name: { label: "Who", description: "Their name." } } } };
  const customers = table("customers", tables);
  expect([customers.label, customers.plural, customers.description, customers.nameField]).toEqual([
    "Client",
    "Clients",
    "Who pays.",
    "email",
  ]);
  expect(customers.columns[1]).toMatchObject({ label: "Who", description: "Their name." });
});

describe("a db_function", () => {
  const functions = (text: string, use: readonly string[]) => ({ db_function: [{ use, function: text }] });

  test("stands for its field where it is used", () => {
    const said = functions("UPPER({value}) || {EMAIL} || {email}", ["SELECT", "INSERT"]);
    const known = table("customers", {
      customers: { fields: { name: functions("UPPER({value}) || {email}", ["SELECT"]) } },
    });
    expect(known.columns[1]?.expressions).toEqual({
      select: ["UPPER(", { column: "name" }, ") || ", { column: "email" }],
    });
    expect(problem({ customers: { fields: { name: said } } })).toBe(
      "Field 'name': its db_function names '{EMAIL}', which it can not.",
    );
  });

  test("takes the value that is written, and no other field", () => {
    const known = table("customers", {
      customers: { fields: { name: functions("TRIM({value})", ["INSERT", "UPDATE"]) } },
    });
    const parts = ["TRIM(", { value: true }, ")"];
    expect(known.columns[1]?.expressions).toEqual({ insert: parts, update: parts });
    expect(problem({ customers: { fields: { name: functions("{email}", ["INSERT"]) } } })).toBe(
      "Field 'name': its db_function names '{email}', which it can not.",
    );
  });

  test("inside quotes names nothing", () => {
    const known = table("customers", { customers: { fields: { name: functions("'{email}'", ["SELECT"]) } } });
    expect(known.columns[1]?.expressions).toEqual({ select: ["'{email}'"] });
  });

  test.each([
    ["customers", "id"],
    ["orders", "customer_id"],
  ])("of %s.%s, which records are found by, is refused", (name, field) => {
    const tables = { [name]: { fields: { [field]: functions("1", ["SELECT"]) } } };
    expect(table(name, tables).columns.find((each) => each.name === field)?.expressions).toBeUndefined();
    expect(problem(tables)).toBe(`Field '${field}' identifies records or relates them: it can have no db_function.`);
  });

  test("of a field that a virtual relationship uses is refused", () => {
    const relation = { is_virtual: true, type: "belongs_to", field: "tag", ref_table: "customers", ref_field: "name" };
    const fields = { name: functions("1", ["SELECT"]) };
    expect(problem({ notes: { relations: { r: relation } }, customers: { fields } })).toContain(
      "it can have no db_function",
    );
  });
});

describe("a virtual field", () => {
  const virtual = (text: string, more: object = {}) => ({
    is_virtual: true,
    type: "integer",
    db_function: [{ use: ["SELECT"], function: text }],
    ...more,
  });

  test("stands behind the others, and can not be written", () => {
    const { columns } = table("customers", {
      customers: { fields: { twice: virtual("{balance} * 2", { alias: "double" }) } },
    });
    expect(columns.at(-1)).toMatchObject({ name: "double", nativeName: "twice", generated: true, family: "integer" });
  });

  test("that is an aggregate stands in no row", () => {
    const known = table("customers", {
      customers: { fields: { sum: virtual("SUM({balance})", { is_aggregate: true }) } },
    });
    expect(known.columns.map(({ name }) => name)).not.toContain("sum");
    expect(known.aggregates?.map(({ name }) => name)).toEqual(["sum"]);
    expect(findColumn(CATALOG, known, "sum")).toBeUndefined();
  });

  test("gives way to a column of its name", () => {
    const { columns } = table("customers", { customers: { fields: { balance: virtual("1") } } });
    expect(columns.filter(({ name }) => name === "balance").map(({ isVirtual }) => isVirtual)).toEqual([undefined]);
  });

  test.each([
    [{ is_virtual: true }, "needs a db_function for SELECT"],
    [virtual("{value} + 1"), "needs a db_function for SELECT that does not name the field itself"],
    [virtual("{nothing}"), "names '{nothing}', which it can not"],
  ])("is refused: %j", (said, message) => {
    expect(problem({ customers: { fields: { twice: said } } })).toContain(message);
    expect(table("customers", { customers: { fields: { twice: said } } }).columns).toHaveLength(4);
  });
});

describe("a virtual relationship", () => {
  const NOTES = { is_virtual: true, type: "has_many", field: "id", ref_table: "notes", ref_field: "about" };
  const TAGGED = {
    ...NOTES,
    type: "many_many",
    ref_field: "id",
    junction_table: "tagged",
    junction_field: "customer",
    junction_ref_field: "note",
  };
  const of = (said: object) => ({ customers: { relations: { r: said as never } } });

  test("leads to its table", () => {
    const [, relation] = table("customers", of({ ...NOTES, always_fetch: true, label: "Notes" })).relations;
    expect(relation).toMatchObject({
      name: "r",
      kind: "has_many",
      fields: ["id"],
      refTable: "notes",
      refFields: ["about"],
      isVirtual: true,
      alwaysFetch: true,
      label: "Notes",
    });
  });

  test("leads through a junction", () => {
    expect(table("customers", of(TAGGED)).relations[1]?.junction).toEqual({
      table: "tagged",
      fields: ["customer"],
      refFields: ["note"],
    });
  });

  test("leads to another service, whose tables are not known here", () => {
    const said = { ...NOTES, ref_service_id: 7, ref_table: "somewhere", ref_field: "else" };
    expect(table("customers", of(said)).relations[1]).toMatchObject({
      refService: "other",
      refServiceId: 7,
      refTable: "somewhere",
      refFields: ["else"],
    });
  });

  test("finds tables and fields by their aliases and by their own names", () => {
    for (const ref_table of ["notes", "memos"]) {
      for (const ref_field of ["about", "whom"]) {
        const tables = {
          ...of({ ...NOTES, ref_table, ref_field }),
          notes: { table: { alias: "memos" }, fields: { about: { alias: "whom" } } },
        };
        expect(table("customers", tables).relations[1]).toMatchObject({ refTable: "memos", refFields: ["whom"] });
      }
    }
  });

  test.each<readonly [change: object, message: string]>([
    [{ ...NOTES, ref_table: "nothing" }, "there is no such 'ref_table', or no such service"],
    [{ ...NOTES, ref_service_id: 8 }, "there is no such 'ref_table', or no such service"],
    [{ ...NOTES, ref_field: "nothing" }, "'field' and 'ref_field' must name fields of their tables"],
    [{ ...NOTES, field: "nothing" }, "'field' and 'ref_field' must name fields of their tables"],
    [{ ...NOTES, ref_field: "about,text" }, "'field' and 'ref_field' must name as many fields"],
    [{ ...NOTES, type: undefined }, "it needs a 'type'"],
    [{ ...TAGGED, junction_table: "nothing" }, "it needs a 'junction_table' with its"],
    [{ ...TAGGED, junction_field: undefined }, "it needs a 'junction_table' with its"],
    [{ ...TAGGED, junction_field: "note,customer" }, "its lists of fields must be of the same length"],
  ])("is refused, and left out: %j", (said, message) => {
    expect(problem(of(said))).toContain(`Relationship 'r': ${message}`);
    expect(table("customers", of(said)).relations).toHaveLength(1);
  });
});

test("extras of tables that are not there harm nobody", () => {
  const known = laid({ nothing: { table: { alias: "customers" }, fields: { x: { is_virtual: true } } } });
  expect(known.tables.map(({ name }) => name)).toEqual(CATALOG.tables.map(({ name }) => name));
  expect(problem({ nothing: { table: { alias: "customers" } } })).toBeUndefined();
});

test("a kept type says who fills a field", () => {
  const fields = { balance: { type: "user_id_on_update" }, email: { type: "user_id" } };
  const { columns } = table("customers", { customers: { fields } });
  expect(columns.map(({ type, automatic }) => [type, automatic])).toEqual([
    ["id", undefined],
    ["string", undefined],
    ["user_id", undefined],
    ["user_id_on_update", "user_id_on_update"],
  ]);
});
