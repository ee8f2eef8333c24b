import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Fixture } from "./fixture.ts";
import { get } from "./reads.ts";
import { createStaff, dropStaff } from "./staff.ts";
import type { Target } from "./target.ts";

/** What a foreign key does that says nothing: databases write it in two ways. */
const NOTHING = expect.stringMatching(/^(?:NO ACTION|RESTRICT)$/);
/** Databases have types, sizes and indexes of their own for the rest. */
const OWN = expect.anything();

const FIELD = {
  alias: null,
  label: OWN,
  description: null,
  native: [],
  db_type: OWN,
  length: null,
  precision: null,
  scale: null,
  default: null,
  required: false,
  allow_null: true,
  fixed_length: false,
  supports_multibyte: false,
  auto_increment: false,
  is_primary_key: false,
  is_unique: false,
  is_index: false,
  is_foreign_key: false,
  ref_table: null,
  ref_field: null,
  ref_on_update: null,
  ref_on_delete: null,
  picklist: null,
  validation: null,
  db_function: null,
  is_virtual: false,
  is_aggregate: false,
};
const TEXT = { type: "string", supports_multibyte: true };
const KEY = {
  type: "id",
  allow_null: false,
  auto_increment: true,
  is_primary_key: true,
  is_unique: true,
  is_index: true,
};
const TO_ORDER_ITEMS = { ref_table: "order_items", ref_on_update: NOTHING, ref_on_delete: "CASCADE" };
const reference = (table: string, field: string, onUpdate: unknown, onDelete: unknown) => ({
  is_foreign_key: true,
  is_index: expect.any(Boolean),
  ref_table: table,
  ref_field: field,
  ref_on_update: onUpdate,
  ref_on_delete: onDelete,
});

/** Sizes that some databases tell of types that have none. */
const SIZES = {
  length: expect.toSatisfy(isSize),
  precision: expect.toSatisfy(isSize),
  scale: expect.toSatisfy(isSize),
};
function isSize(value: unknown): boolean {
  return value === null || Number.isSafeInteger(value);
}

const FIELDS: readonly (readonly [table: string, name: string, label: string, facts: object])[] = [
  ["customers", "id", "Id", { ...KEY, ...SIZES }],
  ["customers", "first_name", "First Name", { ...TEXT, length: 40, required: true, allow_null: false }],
  ["customers", "last_name", "Last Name", { ...TEXT, length: 40, required: true, allow_null: false, is_index: true }],
  ["customers", "email", "Email", { ...TEXT, length: 100, is_unique: true, is_index: true }],
  ["customers", "country", "Country", { ...TEXT, length: 2, ...reference("countries", "code", "CASCADE", "SET NULL") }],
  ["customers", "age", "Age", { type: "integer", ...SIZES }],
  [
    "customers",
    "balance",
    "Balance",
    { type: "decimal", precision: 20, scale: 2, default: expect.stringMatching(/^0(?:\.00)?$/) },
  ],
  ["customers", "active", "Active", { type: "boolean", ...SIZES }],
  ["customers", "born", "Born", { type: "date" }],
  ["customers", "created", "Created", { type: expect.stringMatching(/^(?:datetime|timestamp)$/), ...SIZES }],
  ["customers", "notes", "Notes", { type: "text", ...SIZES, supports_multibyte: true }],
  [
    "customers",
    "profile",
    "Profile",
    { type: expect.stringMatching(/^jsonb?$/), ...SIZES, supports_multibyte: expect.any(Boolean) },
  ],
  [
    "countries",
    "code",
    "Code",
    { ...TEXT, length: 2, required: true, allow_null: false, is_primary_key: true, is_unique: true, is_index: true },
  ],
  [
    "countries",
    "name",
    "Name",
    { ...TEXT, length: 60, required: true, allow_null: false, is_unique: true, is_index: true },
  ],
  [
    "orders",
    "customer_id",
    "Customer Id",
    {
      type: "reference",
      required: true,
      allow_null: false,
      ...SIZES,
      ...reference("customers", "id", NOTHING, "CASCADE"),
    },
  ],
  ["orders", "total", "Total", { type: "decimal", precision: 10, scale: 2, required: true, allow_null: false }],
  [
    "order_items",
    "order_id",
    "Order Id",
    {
      type: "reference",
      required: true,
      allow_null: false,
      is_primary_key: true,
      ...SIZES,
      ...reference("orders", "id", NOTHING, "CASCADE"),
      is_index: true,
    },
  ],
  [
    "order_items",
    "product_id",
    "Product Id",
    {
      type: "reference",
      required: true,
      allow_null: false,
      is_primary_key: true,
      ...SIZES,
      ...reference("products", "id", NOTHING, NOTHING),
      is_index: true,
    },
  ],
  ["order_items", "quantity", "Quantity", { type: "integer", default: "1", allow_null: false, ...SIZES }],
  ["staff", "boss_id", "Boss Id", { type: "reference", ...SIZES, ...reference("staff", "id", NOTHING, NOTHING) }],
  [
    "staff",
    "locker_id",
    "Locker Id",
    { type: "reference", ...SIZES, ...reference("lockers", "id", NOTHING, NOTHING), is_unique: true, is_index: true },
  ],
  [
    "item_notes",
    "product_id",
    "Product Id",
    { type: "integer", ...SIZES, ...reference("order_items", "product_id", NOTHING, "CASCADE"), ...TO_ORDER_ITEMS },
  ],
];

/** How `_schema` describes fields. */
export function schemaFieldCases(fixture: () => Fixture, target: Target): void {
  beforeAll(() => createStaff(fixture().database, target.words));
  afterAll(() => dropStaff(fixture().database));

  describe("describes the field", () => {
    test.each(FIELDS)("%s.%s", async (table, name, label, facts) => {
      const { status, body } = await get(fixture(), `_schema/${table}/_field/${name}`);
      expect({ status, body }).toEqual({ status: 200, body: { ...FIELD, name, label, ...facts } });
      const all = (await get(fixture(), `_schema/${table}`)).body.field;
      expect(all.find((each: { readonly name: string }) => each.name === name)).toEqual(body);
    });

    test("of a table in the order of its columns", async () => {
      const { body } = await get(fixture(), "_schema/orders/_field");
      expect(body.resource.map((each: { readonly name: string }) => each.name)).toEqual([
        "id",
        "customer_id",
        "placed",
        "total",
      ]);
    });
  });
}
