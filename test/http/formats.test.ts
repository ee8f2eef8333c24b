import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HouseWithTables, openHouseWith } from "./database.ts";

let at: HouseWithTables;
beforeAll(async () => {
  at = await openHouseWith([
    'CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT, number NUMERIC, "two words" TEXT, big BIGINT)',
    `INSERT INTO notes (id, text, number, "two words", big) VALUES (1, 'a "b", c', -1.5, NULL, 9007199254740993), (2, '=1+1', 2, '', -5)`,
  ]);
});
afterAll(() => at.close());

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  at.house.ask("GET", path, { key: at.key, headers });
const typeOf = async (path: string, headers: Readonly<Record<string, string>>) =>
  (await get(path, headers)).headers.get("Content-Type")?.replace("; charset=utf-8", "");

describe("an answer as CSV", () => {
  test("has a header, and tells nothing from an empty text", async () => {
    const { text } = await get("db/_table/notes?accept=csv");
    expect(text).toBe('id,text,number,two words,big\r\n1,"a ""b"", c",-1.5,,9007199254740993\r\n2,=1+1,2,"",-5\r\n');
  });

  test("marks what a spreadsheet would take for a formula, where it is asked to, but no numbers", async () => {
    await at.database.query(
      "INSERT INTO notes (id, text) VALUES (11, '+x'), (12, '-x'), (13, '@x'), (14, char(9) || 'x'), (15, char(13) || 'x'), (16, '-5'), (17, 'a=1')",
    );
    const { text } = await get("db/_table/notes?fields=text,big&filter=id>1&order=id&accept=csv&csv_safe=true");
    expect(text.split("\r\n").map((line) => line.split(",")[0])).toEqual([
      ...["text", "'=1+1", "'+x", "'-x", "'@x", "'\tx", `"'\rx"`, "-5", "a=1", ""],
    ]);
    expect(text).toContain("'=1+1,-5\r\n");
    await at.database.query("DELETE FROM notes WHERE id > 10");
  });

  test("of a single record is one row, of a number one cell", async () => {
    expect((await get("db/_table/notes/2?fields=id,big&accept=csv")).text).toBe("id,big\r\n2,-5\r\n");
    expect((await get("db/_table/notes?count_only=true&accept=csv")).text).toBe("value\r\n2\r\n");
    expect((await get("db/_table?as_list=true&accept=csv")).text).toBe("value\r\nnotes\r\n");
  });

  test("says in a header that there is more", async () => {
    const { headers, text } = await get("db/_table/notes?limit=1&include_count=true&fields=id&accept=csv");
    expect([JSON.parse(headers.get("X-Meta") ?? ""), text]).toEqual([{ count: 2, next: 1 }, "id\r\n1\r\n"]);
    expect((await get("db/_table/notes?fields=id&accept=csv")).headers.has("X-Meta")).toBe(false);
  });
});

describe("an answer as NDJSON", () => {
  test("is one record a line", async () => {
    const { text } = await get("db/_table/notes?fields=id,big", { Accept: "application/x-ndjson" });
    expect(text).toBe('{"id":1,"big":9007199254740993}\n{"id":2,"big":-5}\n');
    expect((await get("db/_table/notes/1?fields=id&accept=ndjson")).text).toBe('{"id":1}\n');
  });
});

describe("an answer as XML", () => {
  test("is <dfapi> with an element for each record", async () => {
    const { text } = await get("db/_table/notes?limit=1&fields=id,text,two words,big", { Accept: "text/xml" });
    expect(text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<dfapi><resource><id type="number">1</id><text>a "b", c</text>' +
        '<field name="two words" type="null"/><big type="number">9007199254740993</big></resource>' +
        '<meta><next type="number">1</next></meta></dfapi>\n',
    );
  });

  test("tells its failures as XML too", async () => {
    const { status, headers, text } = await get("db/_table/none?accept=xml");
    expect([status, headers.get("Content-Type")]).toEqual([404, "application/xml; charset=utf-8"]);
    expect(text).toContain(
      '<error><code type="number">404</code><context type="null"/><message>Table \'none\' does not exist in the database.</message>',
    );
  });

  test("of everything else the API answers is XML as well", async () => {
    expect((await get("?accept=xml")).text).toContain('<services list="true"><id type="number">');
    expect((await get("db/_schema/notes?accept=xml")).text).toContain("<name>notes</name>");
  });
});

describe("the format of an answer", () => {
  test.each([
    ["text/csv", "text/csv"],
    ["application/xml", "application/xml"],
    ["text/xml", "text/xml"],
    ["application/jsonl", "application/jsonl"],
    ["text/csv;q=0.5, application/json;q=0.4", "text/csv"],
    ["text/csv;q=0.4, application/json;q=0.5", "application/json"],
    ["text/csv, */*;q=0.1", "text/csv"],
    ["text/csv, */*", "text/csv"],
    ["text/*", "text/csv"],
    ["application/xml, text/csv", "application/xml"],
    ["text/csv;q=0, */*", "application/json"],
    ["application/json;q=0, text/csv;q=0.1", "text/csv"],
    ["application/json, text/plain, */*", "application/json"],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"],
    ["application/vnd.api+json", "application/json"],
    ["TEXT/CSV; header=present", "text/csv"],
  ])("for who accepts '%s' is %s", async (Accept, type) => {
    expect(await typeOf("db/_table/notes", { Accept })).toBe(type);
  });

  test.each([
    "text/csv;q=0",
    "text/csv;q=x",
    "application/xhtml+xml",
    "text/html",
    "csv",
  ])("is 406 for who accepts '%s'", async (Accept) => {
    expect((await get("db/_table/notes", { Accept })).status).toBe(406);
  });

  test.each([
    ["accept=csv", "text/csv"],
    ["accept=JSON", "application/json"],
    ["accept=text/csv", "text/csv"],
    ["accept=application/x-ndjson", "application/x-ndjson"],
    ["file=a.xml&accept=csv", "application/xml"],
    ["accept=", "application/x-ndjson"],
  ])("by '%s' goes before the header", async (query, type) => {
    expect(await typeOf(`db/_table/notes?${query}`, { Accept: "application/x-ndjson" })).toBe(type);
  });

  test("by a parameter that is none is 406", async () => {
    expect((await get("db/_table/notes?accept=pdf")).status).toBe(406);
  });

  test("may stand in the body of a read that is tunnelled", async () => {
    const { headers, text } = await at.house.ask("POST", "db/_table/notes", {
      key: at.key,
      body: { fields: "id", file: "x.csv" },
      headers: { "X-HTTP-Method": "GET" },
    });
    expect([headers.get("Content-Disposition"), text]).toEqual(['attachment; filename="x.csv"', "id\r\n1\r\n2\r\n"]);
  });
});

describe("an answer as a file", () => {
  test.each([
    ["notes.csv", 'attachment; filename="notes.csv"', "text/csv"],
    ["my notes.JSON", 'attachment; filename="my notes.JSON"', "application/json"],
    ["a.ndjson", 'attachment; filename="a.ndjson"', "application/x-ndjson"],
    ["../../etc/x.xml", 'attachment; filename="__.._etc_x.xml"', "application/xml"],
    ['a"b\\c.csv', 'attachment; filename="a_b_c.csv"', "text/csv"],
    ["a\r\nX: y.csv", 'attachment; filename="aX_ y.csv"', "text/csv"],
    ["größe.csv", "attachment; filename=\"gr__e.csv\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.csv", "text/csv"],
    ["100%(a)'.csv", "attachment; filename=\"100_(a)'.csv\"; filename*=UTF-8''100%25%28a%29%27.csv", "text/csv"],
  ])("is named safely: %j", async (name, disposition, type) => {
    const { headers } = await get(`db/_table/notes?file=${encodeURIComponent(name)}`);
    expect([headers.get("Content-Disposition"), headers.get("Content-Type")]).toEqual([
      disposition,
      `${type}; charset=utf-8`,
    ]);
  });

  test.each(["notes", "notes.pdf", "csv", "notes.", ".csv.exe"])("named %j is refused", async (name) => {
    const { status, body } = await get(`db/_table/notes?file=${name}`);
    expect([status, body.error.message]).toEqual([
      400,
      "The parameter 'file' must be a name that ends in .csv, .json, .xml or .ndjson.",
    ]);
  });

  test("that can not be given is no file, but a failure", async () => {
    const { status, headers } = await get("db/_table/none?file=x.csv");
    expect([status, headers.get("Content-Disposition"), headers.get("Content-Type")]).toEqual([
      404,
      null,
      "application/json; charset=utf-8",
    ]);
  });
});

describe("a body of XML", () => {
  const post = (body: string) =>
    at.house.ask("POST", "db/_table/notes", { key: at.key, body, headers: { "Content-Type": "application/xml" } });

  test.each([
    [
      '<!DOCTYPE a [<!ENTITY b "c">]><a><text>&b;</text></a>',
      "has a document type, which is not taken, at line 1, column 30",
    ],
    ['<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "has a document type, which is not taken, at line 1, column 40"],
    ["<a><text>&b;</text></a>", "is not well-formed at line 1, column 12"],
    ["<a>\n<text>x</a>", "is not well-formed at line 2, column 11"],
    ["<a><text>x<b/></text></a>", "has text beside elements at line 1, column 21"],
    ["<a><text>\u0001</text></a>", "is not well-formed at line 1, column 10"],
    ["nothing", "is not well-formed at line 1, column 7"],
    ['<a><id type="number">x</id></a>', "has a number that is none at line 1, column 27"],
    ["<a>".repeat(66), "nests deeper than 64 levels at line 1, column 198"],
  ])("%j is refused at its place", async (body, what) => {
    const { status, body: said } = await post(body);
    expect([status, said.error.message]).toEqual([400, `The XML of the request ${what}.`]);
  });

  test("that would grow by its entities is refused before it does", async () => {
    const entities = Array.from({ length: 20 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(20)}">`).join("");
    const began = performance.now();
    expect((await post(`<!DOCTYPE a [<!ENTITY e0 "x">${entities}]><a>&e20;</a>`)).status).toBe(400);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test("is read with its attributes left aside", async () => {
    const made = await post('<dfapi v="2"><id x="y">77</id><text lang="en"> a &lt; b </text></dfapi>');
    expect(made.body).toEqual({ id: 77 });
    expect((await at.database.query("SELECT text FROM notes WHERE id = 77"))[0]?.text).toBe(" a < b ");
    await at.database.query("DELETE FROM notes WHERE id = 77");
  });
});

test.each([
  ["text/csv", 'id,text\n1,"\ufffd'],
  ["application/x-www-form-urlencoded", "text=%zz"],
  ["application/x-www-form-urlencoded", "text=%ff"],
])("a body of %s that is encoded wrongly is refused: %j", async (type, body) => {
  const { status } = await at.house.ask("POST", "db/_table/notes", {
    key: at.key,
    body,
    headers: { "Content-Type": type },
  });
  expect(status).toBe(400);
});
