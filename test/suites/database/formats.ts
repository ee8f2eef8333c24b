import { beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import { parseJson } from "../../../src/lib/json.ts";
import type { AskOptions } from "../../house.ts";
import { type Kind, kindsOf, kindTables } from "./kinds.ts";
import type { Cases } from "./suite.ts";
import { comparable } from "./value-shapes.ts";

const TYPES = { csv: "text/csv", xml: "application/xml", ndjson: "application/x-ndjson" } as const;
type Format = keyof typeof TYPES;
const FORMATS = Object.keys(TYPES) as readonly Format[];

/** What was read in a format can be written in it, and is then read as JSON as it was before. */
export const formatCases: Cases = (fixture, target) => {
  beforeAll(async () => {
    const { words } = target;
    for (const sql of kindTables(target)) await fixture().database.query(sql);
    await fixture().database.query(
      `CREATE TABLE parcels (id ${words.autoKey}, name VARCHAR(20) NOT NULL, code VARCHAR(10) UNIQUE, weight INTEGER, tags ${words.json})`,
    );
  });

  const ask = (verb: string, path: string, options: AskOptions = {}) => fixture().ask(verb, `_table/${path}`, options);
  const send = (format: Format, path: string, body: string, verb = "POST") =>
    ask(verb, path, { body, headers: { "Content-Type": TYPES[format] } });
  const parcels = async () =>
    (await fixture().database.query("SELECT name, code, weight FROM parcels ORDER BY id")).map(
      ({ name, code, weight }) => `${name} ${code} ${weight}`,
    );
  const emptied = () => fixture().database.query("DELETE FROM parcels");
  const rowsIn = async (path: string) =>
    (parseJson((await ask("GET", path)).text) as { readonly resource: readonly Readonly<Record<string, Json>>[] })
      .resource;

  describe.each(FORMATS)("in and out as %s", (format) => {
    test.each(kindsOf(target).map((kind) => [kind.name, kind] as const))("a column %s is equal", async (name, kind) => {
      const records = [...sentValues(kind, format), "null"].map((sent) => `{"${name}":${sent},"id":null}`);
      const made = await ask("POST", "kinds", {
        body: `{"resource":[${records.join(",")}]}`,
      });
      expect(made.status).toBe(200);
      const ids = idsOf(made.body);
      const written = await ask("GET", `kinds?fields=${name}&ids=${ids}&accept=${format}`);
      expect(written.headers.get("Content-Type")).toBe(`${TYPES[format]}; charset=utf-8`);
      const again = await send(format, "kinds", written.text);
      expect([again.status, again.text]).toEqual([200, expect.stringContaining("resource")]);
      const [before, after] = [await valuesOf(ids, name), await valuesOf(idsOf(again.body), name)];
      expect(after).toEqual(before);
      expect(after.length).toBe(records.length);
    });

    test("a row of all columns is equal, alone and among others, by id too", async () => {
      const sample = kindsOf(target).flatMap((kind) => {
        const [first] = sentValues(kind, format);
        return first === undefined ? [] : [`"${kind.name}":${first}`];
      });
      const made = await ask("POST", "kinds", { body: `{${sample.join(",")}}` });
      const names = kindsOf(target).map(({ name }) => name);
      const fields = names.join(",");
      const one = await ask("GET", `kinds/${made.body.id}?fields=${fields}&accept=${format}`);
      const list = await ask("GET", `kinds?ids=${made.body.id}&fields=${fields}&accept=${format}`);
      const [whole] = await rowsIn(`kinds?ids=${made.body.id}&fields=${fields}`);
      for (const text of [one.text, list.text]) {
        const again = await send(format, "kinds", text);
        const id = again.body.resource?.[0]?.id ?? again.body.id;
        expect(shown((await rowsIn(`kinds?ids=${id}&fields=${fields}`))[0])).toEqual(shown(whole));
        const changed = await send(format, `kinds/${id}?fields=${fields}`, text, "PATCH");
        expect(shown(parseJson(changed.text) as never)).toEqual(shown(whole));
      }
    });

    test("all rows at once (limit=all) are those of the pages", async () => {
      const path = "customers?order=id&fields=id,first_name,email,balance,active,born,profile,notes";
      const all = await ask("GET", `${path}&limit=all&accept=${format}`);
      const pages = await ask("GET", `${path}&accept=${format}`);
      expect([all.status, lines(all.text)]).toEqual([200, lines(pages.text)]);
      expect(all.text.length).toBeGreaterThan(300);
    });
  });

  async function valuesOf(ids: string, name: string): Promise<readonly unknown[]> {
    const rows = await rowsIn(`kinds?fields=${name}&ids=${ids}`);
    return rows.map((row) => comparable(name, row[name]));
  }

  describe("an upload", () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => `p${at},c${at},${at}`);
    const csv = (lines: readonly string[]) => `${["name,code,weight", ...lines].join("\r\n")}\r\n`;

    test("of CSV creates its records, and answers their keys", async () => {
      await emptied();
      const { status, body } = await send("csv", "parcels", csv(["a,x,1", '"b, c",,', "d,y,-3"]));
      expect([status, body]).toEqual([200, { resource: Array(3).fill({ id: expect.any(Number) }) }]);
      expect(await parcels()).toEqual(["a x 1", "b, c null null", "d y -3"]);
    });

    test("answers the fields that are asked for, in the format that is", async () => {
      await emptied();
      const { text } = await send("csv", "parcels?fields=name,weight&accept=csv", csv(["a,x,1", "b,y,2"]));
      expect(text).toBe("name,weight\r\na,1\r\nb,2\r\n");
    });

    test("of one record is a list of one", async () => {
      await emptied();
      const { body } = await send("ndjson", "parcels", '{"name":"a"}');
      expect(body).toEqual({ resource: [{ id: expect.any(Number) }] });
    });

    test.each<[Format, string, string]>([
      ["csv", "name,code,weight\r\na,x,1\r\nb,y\r\n", "Line 3 of the CSV has 2 columns instead of 3."],
      ["csv", "name,code\na,x\n\nb,y,z\n", "Line 4 of the CSV has 3 columns instead of 2."],
      ["csv", 'name,code\na,x\n"b,y\n', "Line 3 of the CSV opens a quote that is not closed."],
      ["csv", 'name,code\n"a"b,x\n', "Line 2 of the CSV has text behind a closing quote."],
      ["csv", "name,code,name\na,x,b\n", "Line 1 of the CSV names the column 'name' twice."],
      ["csv", "name,,code\na,x,b\n", "Line 1 of the CSV has a column without a name."],
      ["csv", 'name,tags\na,"[1"\n', "Line 2: Field 'tags' must be a valid JSON value."],
      ["ndjson", '{"name":"a"}\n\n{"name":}\n', "Line 3 of the NDJSON is not valid JSON at position 8."],
      ["ndjson", '{"name":"a"}\n[1]\n', "Line 2 of the NDJSON is not a JSON object."],
      ["csv", "", "No record(s) detected in request."],
      ["csv", "name,code\r\n", "No record(s) detected in request."],
      ["ndjson", "\n \n", "No record(s) detected in request."],
    ])("of %s %j leaves nothing behind", async (format, body, message) => {
      await emptied();
      for (const flag of ["", "?rollback=true"]) {
        const answer = await send(format, `parcels${flag}`, body);
        expect([answer.status, answer.body.error.message]).toEqual([400, message]);
        expect(await parcels()).toEqual([]);
      }
    });

    test("that is broken behind thousands of records leaves nothing behind", async () => {
      await emptied();
      const { status, body } = await send("csv", "parcels", csv([...many(2_500), "last,one"]));
      expect([status, body.error.message]).toEqual([400, "Line 2502 of the CSV has 2 columns instead of 3."]);
      expect(await parcels()).toEqual([]);
    });

    test("that is broken keeps with 'continue' what came before, and says so", async () => {
      await emptied();
      const { status, body } = await send("csv", "parcels?continue=true", csv([...many(1_500), "last,one"]));
      const { error, resource } = body.error.context;
      expect([status, error, resource.length]).toEqual([400, [error[0]], error[0] + 1]);
      expect(resource.at(-1)).toEqual({ code: 400, message: expect.stringMatching(/^Line 1502 /), status_code: 400 });
      expect((await parcels()).length).toBe(error[0]);
    });

    test.each([
      ["", [1_200], 1_200, false],
      ["?continue=true", [1_200], 1_299, false],
      ["?rollback=true", [1_200], 0, true],
    ])("with a record that fails follows the rules of a batch: '%s'", async (flags, failed, kept, isUndone) => {
      if (!target.traits.tellsUndone && isUndone) return expectUndone();
      await emptied();
      const lines = many(1_300).map((line, at) => (at === 1_200 ? "p,c7,1" : line));
      const { status, body } = await send("csv", `parcels${flags}`, csv(lines));
      const { error, resource } = body.error.context;
      expect([status, error]).toEqual([400, failed]);
      expect(resource[1_200]).toEqual({
        code: 409,
        message: "Line 1202: A record with the same value of 'code' already exists.",
        status_code: 409,
      });
      expect(body.error.message).toBe(
        `Batch Error: Not all requested records could be created.${isUndone ? " All changes rolled back." : ""}`,
      );
      expect((await parcels()).length).toBe(kept);
    });

    /** Where a failure undoes without telling what the others would have come to, and so many are not tried again. */
    async function expectUndone(): Promise<void> {
      await emptied();
      const { status, body } = await send("csv", "parcels?rollback=true", csv([...many(20), "p,c7,1"]));
      expect([status, body.error.context.error]).toEqual([400, [20]]);
      expect(body.error.context.resource[20].message).toMatch(/^Line 22: /);
      expect(await parcels()).toEqual([]);
    }

    test("names the line of a record, whatever lines its texts hold", async () => {
      await emptied();
      const { body } = await send("csv", "parcels?continue=true", 'name,weight\n"a\nb",1\n\nc,x\nd,2\n');
      expect(body.error.context.resource[1].message).toBe("Line 5: Field 'weight' must be a valid integer.");
      expect((await parcels()).length).toBe(2);
    });

    test.skipIf(!target.traits.insertReturns)("writes what it can in statements of many rows", async () => {
      await emptied();
      const statements = await fixture().statements(() => send("csv", "parcels", csv(many(1_000))));
      expect(statements.filter((sql) => /^INSERT/i.test(sql)).length).toBeLessThan(60);
      expect((await parcels()).length).toBe(1_000);
    });

    test("ignores columns that the table lacks, and refuses them with 'strict'", async () => {
      await emptied();
      expect((await send("csv", "parcels", "name,none\na,1\n")).status).toBe(200);
      const { status, body } = await send("csv", "parcels?strict=true", "name,none\nb,1\n");
      expect([status, body.error.context.resource[0].message]).toEqual([
        400,
        "Line 2: Field 'none' is unknown or computed by the database.",
      ]);
      expect(await parcels()).toEqual(["a null null"]);
    });

    test("knows a column that was added a moment ago", async () => {
      await fixture().database.query("CREATE TABLE growing (id INTEGER NOT NULL PRIMARY KEY)");
      expect((await ask("GET", "growing?refresh=true")).status).toBe(200);
      await fixture().database.query("ALTER TABLE growing ADD COLUMN more VARCHAR(10)");
      expect((await send("csv", "growing", "id,more\n1,x\n2,\n")).status).toBe(200);
      expect(await fixture().database.query("SELECT id, more FROM growing ORDER BY id")).toEqual([
        expect.objectContaining({ more: "x" }),
        expect.objectContaining({ more: null }),
      ]);
    });

    test("may update what exists with 'upsert'", async () => {
      await emptied();
      const { body } = await send("csv", "parcels", csv(["a,x,1"]));
      const { id } = body.resource[0];
      const answer = await send("csv", "parcels?upsert=true", `id,name,code,weight\r\n${id},b,x,2\r\n`);
      expect([answer.status, await parcels()]).toEqual([200, ["b x 2"]]);
    });

    test("is refused to who may not create, before it is read", async () => {
      const options = { body: "name\na\n", headers: { "Content-Type": "text/csv" }, key: "none" };
      expect((await ask("POST", "parcels", options)).status).toBe(401);
    });
  });

  test.each(FORMATS)("JSON of every kind comes back as it was, by %s", async (format) => {
    await emptied();
    const values: readonly Json[] = [
      ...[5, -1.5, true, false, "5", "true", "null", "[1]", '{"a":1}', '"x"', "", " ", "plain", "it's, \n\t new"],
      ...[[1], ["1"], {}, [], { a: null, b: ["x", 2] }],
    ];
    await ask("POST", "parcels", { body: values.map((tags) => ({ name: "json", tags })) });
    const { text } = await ask("GET", `parcels?fields=name,tags&order=id&accept=${format}`);
    const all = await ask("GET", `parcels?fields=name,tags&order=id&accept=${format}&limit=all`);
    expect(lines(all.text)).toEqual(lines(text));
    await emptied();
    const { body } = await send(format, "parcels?fields=tags", text);
    expect(body.resource.map(({ tags }: { readonly tags: Json }) => tags)).toEqual(values);
    const ids = await rowsIn("parcels?fields=id&order=id");
    const [one] = await rowsIn("parcels?order=id&limit=1&fields=id,tags");
    const alone = await ask("GET", `parcels/${one?.id}?fields=id,tags&accept=${format}`);
    expect((await send(format, "parcels", alone.text, "PATCH")).status).toBe(200);
    expect([ids.length, (await rowsIn("parcels?order=id&limit=1&fields=tags"))[0]]).toEqual([
      values.length,
      { tags: values[0] },
    ]);
  });

  test.each<Format>([
    "csv",
    "ndjson",
  ])("a record larger than a piece of an upload is read by %s as it was written", async (format) => {
    await emptied();
    const made = await ask("POST", "parcels", { body: { name: "large", tags: ["x".repeat(1_200_000)] } });
    const { text } = await ask("GET", `parcels?ids=${made.body.id}&fields=id,tags&accept=${format}`);
    expect((await send(format, "parcels", text, "PATCH")).status).toBe(200);
  });

  describe("other writes", () => {
    const seeded = async () => {
      await emptied();
      const { body } = await ask("POST", "parcels", { body: [{ name: "a" }, { name: "b" }] });
      return body.resource.map(({ id }: { readonly id: number }) => id) as readonly [number, number];
    };

    test.each(["PUT", "PATCH"])("%s takes CSV, NDJSON and XML", async (verb) => {
      const [one, two] = await seeded();
      await send("csv", "parcels", `id,weight\n${one},1\n${two},2\n`, verb);
      expect(await parcels()).toEqual(["a null 1", "b null 2"]);
      await send("ndjson", "parcels", `{"id":${one},"weight":3}\n{"id":${two},"weight":4}`, verb);
      expect(await parcels()).toEqual(["a null 3", "b null 4"]);
      const xml = (id: number) => `<resource><id>${id}</id><weight>5</weight></resource>`;
      await send("xml", "parcels", `<dfapi>${xml(one)}${xml(two)}</dfapi>`, verb);
      expect(await parcels()).toEqual(["a null 5", "b null 5"]);
    });

    test("a verb may be tunnelled through POST with CSV", async () => {
      const [one] = await seeded();
      const headers = { "Content-Type": "text/csv", "X-HTTP-Method": "PATCH" };
      await ask("POST", "parcels", { body: `id,weight\n${one},9\n`, headers });
      expect(await parcels()).toEqual(["a null 9", "b null null"]);
    });

    test("DELETE takes the keys as CSV", async () => {
      const [one] = await seeded();
      await send("csv", "parcels", `id\n${one}\n`, "DELETE");
      expect(await parcels()).toEqual(["b null null"]);
    });

    test("a form is one record, or the options of a read", async () => {
      await emptied();
      const headers = { "Content-Type": "application/x-www-form-urlencoded" };
      const body = "name=a+%26+b&weight=7&tags=%5B1%2C%22x%22%5D&code=";
      const made = await ask("POST", "parcels", { body, headers });
      expect([made.status, made.body]).toEqual([200, { id: expect.any(Number) }]);
      const { body: rows } = await ask("POST", "parcels", {
        body: "fields=name,weight,tags,code&filter=weight+%3D+7",
        headers: { ...headers, "X-HTTP-Method": "GET" },
      });
      expect(rows.resource).toEqual([{ name: "a & b", weight: 7, tags: [1, "x"], code: "" }]);
    });

    test("XML of a person who wrote it by hand is taken", async () => {
      await emptied();
      const body = `<?xml version="1.0"?>
        <records>
          <!-- two of them -->
          <resource><name>a &amp; <![CDATA[<b>]]></name><weight>5</weight><tags><color>red</color><color>blue</color></tags></resource>
          <resource><field name="name">c</field><code type="null"/></resource>
        </records>`;
      expect((await send("xml", "parcels", body)).status).toBe(200);
      expect(await parcels()).toEqual(["a & <b> null 5", "c null null"]);
      expect((await rowsIn("parcels?filter=weight=5&fields=tags"))[0]).toEqual({ tags: { color: ["red", "blue"] } });
    });
  });

  test("a page without rows still names its columns in CSV", async () => {
    const { text } = await ask("GET", "customers?filter=id=-1&fields=id,last_name&accept=csv");
    expect(text).toBe("id,last_name\r\n");
  });

  test("a batch that fails says so as JSON where CSV is asked for", async () => {
    const { status, body } = await ask("GET", "customers?ids=1,-1&accept=csv");
    expect([status, body.error.context.error]).toEqual([400, [1]]);
  });
};

/** CSV does not tell a text from another single value, where its column takes either without saying so. */
function sentValues(kind: Kind, format: Format): readonly string[] {
  const sent = kind.values.map((value) => (typeof value === "string" ? value : value[0]));
  return format === "csv" && kind.sql === "" ? sent.filter((text) => /^[[{]/.test(text)) : sent;
}

/** JSON may be written with or without spaces. */
function lines(text: string): readonly unknown[] {
  return text.split("\n").map((line) => (line.startsWith("{") ? parseJson(line) : line));
}

function idsOf(body: { readonly resource: readonly { readonly id: number }[] }): string {
  return body.resource.map(({ id }) => id).join(",");
}

function shown(row: Readonly<Record<string, Json>> | undefined): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, value]) => [name, comparable(name, value)]));
}
