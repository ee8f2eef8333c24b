import { afterEach, describe, expect, test } from "vitest";
import { makeKey } from "../../house.ts";
import { keep, tryKeep } from "./extras-said.ts";
import type { Fixture } from "./fixture.ts";
import { expectFailure, failure, get } from "./reads.ts";
import type { Target } from "./target.ts";

/** Labels, descriptions and aliases that Millrace keeps of tables, fields and relationships. */
export function extrasNameCases(fixture: () => Fixture, target: Target): void {
  const schema = async (path: string) => (await get(fixture(), `_schema/${path}`)).body;

  describe("what is said of a table", () => {
    test("is shown by its schema, by the list of schemas and by the listing", async () => {
      const said = { label: "Land", plural: "Länder", description: "Where they live.", name_field: "code" };
      await keep(fixture(), "countries", said);
      expect(await schema("countries")).toMatchObject({ name: "countries", alias: null, ...said });
      const { name_field: _, ...short } = said;
      const inList = ({ resource }: { resource: { name: string }[] }) =>
        resource.find(({ name }) => name === "countries");
      expect(inList((await get(fixture(), "_schema")).body)).toMatchObject(short);
      expect(inList((await get(fixture(), "_table")).body)).toMatchObject(short);
    });

    test("is merged by PATCH, and forgotten where it is null", async () => {
      await keep(fixture(), "countries", { label: "Land", description: "d" });
      await keep(fixture(), "countries", { description: null });
      expect(await schema("countries")).toMatchObject({ label: "Land", description: null });
      await keep(fixture(), "countries", { label: null, plural: null, name_field: null });
      expect(await schema("countries")).toMatchObject({ label: "Countries", plural: "Countries", name_field: "name" });
    });
  });

  test("what is said of a field is shown", async () => {
    const said = { label: "Familienname", description: "As in the passport.", picklist: ["Turing", "Hopper"] };
    await keep(fixture(), "customers/_field/last_name", said);
    expect(await schema("customers/_field/last_name")).toMatchObject({ name: "last_name", alias: null, ...said });
    expect((await schema("customers")).field.find(({ name }: { name: string }) => name === "last_name")).toMatchObject(
      said,
    );
  });

  test("a picklist alone holds nobody to it", async () => {
    await keep(fixture(), "products", { field: [{ name: "name", picklist: "Card,Gear" }] });
    const { status, body } = await fixture().ask("POST", "_table/products", { body: { name: "Other", price: 1 } });
    expect(status).toBe(200);
    await fixture().ask("DELETE", `_table/products/${body.id}`);
    expect((await schema("products/_field/name")).picklist).toEqual(["Card", "Gear"]);
  });

  describe("an alias of a table", () => {
    const ALIAS = "clients";
    const set = () => keep(fixture(), "customers", { alias: ALIAS });
    afterEach(async () => {
      await tryKeep(fixture(), ALIAS, { alias: null });
    });

    test("is its name in requests, and its own name is none", async () => {
      await set();
      expect((await get(fixture(), "_table/clients/1", { fields: "first_name" })).body).toEqual({ first_name: "Ada" });
      expect(await get(fixture(), "_table/customers/1")).toEqual({
        status: 404,
        body: failure(404, "Table 'customers' does not exist in the database."),
      });
      expect((await get(fixture(), "_table", { as_list: true })).body.resource).toEqual(
        expect.arrayContaining(["clients", "orders"]),
      );
    });

    test("is shown beside its own name", async () => {
      await set();
      expect(await schema("clients")).toMatchObject({ alias: "clients", name: "customers" });
      expect(await get(fixture(), "_schema/customers")).toMatchObject({ status: 404 });
    });

    test("takes writes", async () => {
      await set();
      const body = { first_name: "New", last_name: "One" };
      const made = await fixture().ask("POST", "_table/clients", { body });
      expect(made.status).toBe(200);
      const path = `_table/clients/${made.body.id}`;
      expect((await fixture().ask("PATCH", `${path}?fields=age`, { body: { age: 5 } })).body).toEqual({ age: 5 });
      expect((await fixture().ask("DELETE", path)).status).toBe(200);
    });

    test("is what relationships lead to", async () => {
      await set();
      const { related } = await schema("orders");
      const parent = related.find(({ name }: { name: string }) => name === "customers_by_customer_id");
      expect(parent.ref_table).toBe("clients");
      const { body } = await get(fixture(), "_table/orders", {
        filter: "customers_by_customer_id.first_name = 'Alan'",
        fields: "id",
      });
      expect(body).toEqual({ resource: [{ id: 3 }] });
    });

    test("is what rules of a role speak of", async () => {
      const { house, serviceId } = fixture();
      const rule = (component: string) => ({ service_id: serviceId, component, verb_mask: 1 });
      const byName = await makeKey(house, "by-name", [rule("_table/customers/*")]);
      const byAlias = await makeKey(house, "by-alias", [rule("_table/clients/*")]);
      await set();
      const status = async (table: string, key: string) =>
        (await fixture().ask("GET", `_table/${table}/1`, { key })).status;
      expect(await status("clients", byName)).toBe(403);
      expect(await status("customers", byName)).toBe(404);
      expect(await status("clients", byAlias)).toBe(200);
      expect(await status("customers", byAlias)).toBe(403);
    });

    test("gives a role no more than it had", async () => {
      const { house, serviceId } = fixture();
      const rule = (component: string, verb_mask: number) => ({ service_id: serviceId, component, verb_mask });
      const key = await makeKey(house, "renamer", [rule("_schema/*", 31), rule("_table/open/*", 1)]);
      const answer = await fixture().ask("PATCH", "_schema/customers", { key, body: { alias: "open" } });
      expectFailure(answer, 403, "Table 'customers': you may do more with a table named 'open'.");
    });

    test.each(
      ["_schema/", "_schema/*", "_table/", "_table/*"].map((rule) => rule.split("/")),
    )("opens nothing that %s/{name}/%s keeps shut", async (resource, below) => {
      const { house, serviceId } = fixture();
      const rule = (component: string, verb_mask: number) => ({ service_id: serviceId, component, verb_mask });
      const shut = `${resource}/customers${below === "" ? "" : `/${below}`}`;
      const key = await makeKey(house, `shut by ${shut}`, [
        rule(`${resource}/*`, 31),
        rule("_schema/customers/", 9),
        rule("_schema/customers", 9),
        rule(shut, 9),
      ]);
      const answer = await fixture().ask("PATCH", "_schema/customers", { key, body: { alias: "mine" } });
      expectFailure(answer, 403, "Table 'customers': you may do more with a table named 'mine'.");
    });

    test("can be changed and taken back", async () => {
      await set();
      const { body } = await keep(fixture(), "clients", { alias: "buyers" });
      expect(body.name).toBe("buyers");
      expect((await get(fixture(), "_table/buyers", { count_only: true })).status).toBe(200);
      await keep(fixture(), "buyers", { alias: null });
      expect((await get(fixture(), "_table/customers", { count_only: true })).status).toBe(200);
    });

    test.each([
      ["orders", "Table 'customers': the alias 'orders' is the name of another table."],
      [
        "a b",
        "Table 'customers': the property 'alias' must begin with a letter and hold only letters, digits, '_' and '-'.",
      ],
    ])("is refused as %s", async (alias, message) => {
      expectFailure(await tryKeep(fixture(), "customers", { alias }), 400, message);
      expect((await schema("customers")).alias).toBeNull();
    });

    test("gives way to a table that takes its name later", async () => {
      await set();
      await fixture().database.query("CREATE TABLE clients (id INTEGER PRIMARY KEY)");
      try {
        const { body } = await get(fixture(), "_schema", { refresh: true });
        const names = body.resource.map(({ name, alias }: { name: string; alias: string | null }) => [name, alias]);
        expect(names).toEqual(
          expect.arrayContaining([
            ["clients", null],
            ["customers", null],
          ]),
        );
      } finally {
        await fixture().database.query("DROP TABLE clients");
        await get(fixture(), "_schema", { refresh: true });
      }
    });
  });

  describe("an alias of a field", () => {
    const set = () =>
      keep(fixture(), "products", {
        field: [
          { name: "name", alias: "title" },
          { name: "id", alias: "number" },
        ],
      });
    afterEach(async () => {
      await tryKeep(fixture(), "products", {
        field: [
          { name: "title", alias: null },
          { name: "number", alias: null },
        ],
      });
    });

    test.each<readonly [query: string, body: unknown]>([
      ["/1?fields=title", { title: "Card" }],
      ["/1?fields=number,title", { number: 1, title: "Card" }],
      ["?filter=title='Gear'&fields=number", { resource: [{ number: 2 }] }],
      ["?order=title desc&fields=title&limit=1", { resource: [{ title: "Tape" }] }],
      ["?ids=2,1&fields=title", { resource: [{ title: "Gear" }, { title: "Card" }] }],
      ["?ids=Gear&id_field=title&fields=number", { resource: [{ number: 2 }] }],
      ["?group=title&fields=title,COUNT(number)&filter=number=1", { resource: [{ title: "Card", COUNT_number: 1 }] }],
      ["/1?fields=name", failure(400, "Invalid field requested: 'name'.")],
      ["?filter=name='Gear'", failure(400, "Invalid field requested: 'name'.")],
    ])("is its only name: %s", async (query, expected) => {
      await set();
      const { body } = await fixture().ask("GET", `_table/products${query}`);
      const rows = body.resource as unknown[] | undefined;
      expect(rows ? { resource: rows } : body).toEqual(expected);
    });

    test("is its name in records that are written", async () => {
      await set();
      const made = await fixture().ask("POST", "_table/products?fields=*", { body: { title: "New", price: 1 } });
      expect(made.body).toMatchObject({ number: expect.any(Number), title: "New" });
      const path = `_table/products/${made.body.number}`;
      expect((await fixture().ask("PATCH", `${path}?fields=title`, { body: { title: "Newer" } })).body).toEqual({
        title: "Newer",
      });
      expectFailure(
        await fixture().ask("POST", "_table/products", { body: { name: "x", price: 1 } }),
        400,
        "Required field 'title' can not be NULL.",
      );
      expect((await fixture().ask("DELETE", path)).body).toEqual({ number: made.body.number });
    });

    test("is shown beside its own name, and in keys", async () => {
      await set();
      const { field, primary_key } = await schema("products");
      expect(field.slice(0, 2).map(({ name, alias }: { name: string; alias: string }) => [name, alias])).toEqual([
        ["id", "number"],
        ["name", "title"],
      ]);
      expect(primary_key).toEqual(["number"]);
      expect((await schema("products/_field/title")).name).toBe("name");
    });

    test("names the field of a value that does not fit", async () => {
      await set();
      const answer = await fixture().ask("POST", "_table/products", { body: { title: "x".repeat(61), price: 1 } });
      expect(answer.body.error.message).toContain("'title'");
    });

    test("is refused where another field has it", async () => {
      const answer = await tryKeep(fixture(), "products/_field/name", { alias: "price" });
      expectFailure(answer, 400, "Field 'name': the alias 'price' is the name of another field of table 'products'.");
    });

    test("gives way to a column that takes its name later", async () => {
      await set();
      await fixture().database.query("ALTER TABLE products ADD COLUMN title VARCHAR(9)");
      const { body } = await get(fixture(), "_table/products/1", { refresh: true });
      expect(body).toEqual({ number: 1, name: "Card", price: expect.anything(), title: null });
      await fixture().database.query("ALTER TABLE products DROP COLUMN title");
      await get(fixture(), "_table/products/1", { refresh: true });
    });
  });

  test("a relationship goes by its alias as well as by its own name, with label and description", async () => {
    const said = { alias: "sales", label: "Sales", description: "What they bought.", always_fetch: false };
    await keep(fixture(), "customers/_related/orders_by_customer_id", said);
    const { related } = await schema("customers");
    expect(related.find(({ alias }: { alias: string }) => alias === "sales")).toMatchObject({
      ...said,
      name: "orders_by_customer_id",
      is_virtual: false,
    });
    const { body } = await get(fixture(), "_table/customers", { filter: "sales.id = 3", fields: "id" });
    expect(body).toEqual({ resource: [{ id: 2 }] });
    const byOwnName = await get(fixture(), "_table/customers", {
      filter: "orders_by_customer_id.id = 3",
      fields: "id",
    });
    expect(byOwnName.body).toEqual({ resource: [{ id: 2 }] });
    await keep(fixture(), "customers/_related/sales", { alias: null });
    expect((await schema("customers/_related/orders_by_customer_id")).alias).toBeNull();
  });

  test("extras go when their table is dropped", async () => {
    await fixture().database.query(`CREATE TABLE passing (id ${target.words.autoKey}, a VARCHAR(5))`);
    await keep(fixture(), "passing", { label: "Gone soon" });
    expect((await schema("passing")).label).toBe("Gone soon");
    expect((await tryKeep(fixture(), "passing", {}, "DELETE")).status).toBe(200);
    await fixture().database.query(`CREATE TABLE passing (id ${target.words.autoKey}, a VARCHAR(5))`);
    expect((await schema("passing")).label).toBe("Passing");
  });
}
