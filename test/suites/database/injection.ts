import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Answer, RUNTIME } from "../../house.ts";
import type { LogLine } from "../../runtimes/served.ts";
import { type Fixture, SERVICE } from "./fixture.ts";
import { isHeader, PLACES, SCRATCH, type Sent } from "./injection-places.ts";
import { CANARY, payloads } from "./payloads.ts";
import type { Target } from "./target.ts";

/** Words of client libraries, databases and stacks that no payload holds. */
const LEAKS =
  /SQLITE_|SQLSTATE|\bER_[A-Z]|sqlMessage|syntax error|You have an error|unterminated|unrecognized token|no such (?:column|table|function)|near "|Unknown column|node_modules|node:|mysql2|\.ts:\d|\n {4}at |TypeError|RangeError|[/\\]millrace-|test_[0-9a-f]{12}/;
/** What payloads would bring into a statement, and Millrace never writes. */
const FOREIGN =
  /\b(?:drop|union|attach|copy|exec|sleep|pg_sleep|benchmark|md5|randomblob|load_extension|load_file|xp_cmdshell|commit)\b|--|\/\*|;|#(?!>)/i;

/** No hostile text ever becomes SQL, wherever it stands. */
export function injectionCases(fixture: () => Fixture, target: Target): void {
  let names: ReadonlySet<string> = new Set();
  let reading: ReadonlySet<string> = new Set();
  let before: unknown;

  beforeAll(async () => {
    await fixture().database.query(scratchSql(target));
    const readings = () =>
      Promise.all(["_schema", "_proc"].map((path) => fixture().ask("GET", `${path}?refresh=true`)));
    reading = new Set(await fixture().statements(readings));
    names = await catalogNames(fixture());
    before = await allRows(fixture(), target);
  });
  afterEach(() => fixture().database.query(`DELETE FROM ${target.words.quote(SCRATCH)}`));
  afterAll(() => fixture().database.query(`DROP TABLE ${target.words.quote(SCRATCH)}`));

  /** A sample where the same statements go through the same driver as on Node, where all are sent. */
  const howMany = RUNTIME === "node" || ["d1", "sqlite"].includes(target.type) ? "all" : "a sample";

  test("the statements of a request can be seen at all, and quote what the catalog names", async () => {
    const seen = await fixture().statements(() => fixture().ask("GET", "_table/customers?filter=age>1&order=id"));
    expect(seen).toHaveLength(1);
    expect(foreignParts(seen, names)).toEqual([]);
    expect(foreignParts([`SELECT ${target.words.quote("elsewhere")} FROM t; DROP`], names)).not.toEqual([]);
  });

  describe("a hostile text", () => {
    test.each(PLACES)("as %s is never more than a text", async (name, place) => {
      const texts = payloads(howMany).filter((text) => !isHeader(name) || /^[ -~]*$/.test(text));
      const { log } = fixture().house;
      const from = (await log()).length;
      const answers = await Promise.all(texts.map((text) => send(fixture(), place(text))));
      const { statements: partsOf = (sql: string) => [sql] } = target.words;
      const statements = sqlOf((await log()).slice(from))
        .filter((sql) => !reading.has(sql))
        .flatMap(partsOf);
      expect(statements.filter((sql) => sql.toLowerCase().includes(CANARY))).toEqual([]);
      expect(foreignParts(statements, names)).toEqual([]);
      expect(answers.map((answer, index) => [texts[index], offence(answer)]).filter(([, found]) => found)).toEqual([]);
      expect(await allRows(fixture(), target)).toEqual(before);
    });

    test("is kept to the character, found by itself, changed and deleted", async () => {
      const texts = payloads(howMany).filter((text) => target.traits.keepsNul || !text.includes("\0"));
      for (const text of texts) await keepAndFind(fixture(), text);
      expect(await fixture().database.query(`SELECT id FROM ${SCRATCH}`)).toEqual([]);
    });

    test.each(["\0", "\0x", "x\0", "%\0"])("with the character NUL matches no text without it: %j", async (text) => {
      for (const how of ["contains", "starts with", "ends with", "not like", "="]) {
        const params = { filter: `first_name ${how} :p`, params: JSON.stringify({ p: text }), fields: "id" };
        const { status, body } = await fixture().ask("GET", `_table/customers?${new URLSearchParams(params)}`);
        const all = { resource: [1, 2, 3, 4, 5].map((id) => ({ id })) };
        expect([how, status === 400 || body]).toEqual([
          how,
          status === 400 || (how === "not like" ? all : { resource: [] }),
        ]);
      }
    });

    test("that the database cannot keep is refused with the name of its field", async () => {
      if (target.traits.keepsNul) return;
      const { status, body } = await fixture().ask("POST", `_table/${SCRATCH}`, { body: { label: "a\0b" } });
      expect({ status, message: body.error.message }).toEqual({
        status: 400,
        message: "Field 'label' can not hold the character NUL.",
      });
    });
  });

  test.each([
    "%00",
    "%bf%27",
    "%C0%AF",
    "%ED%A0%80",
    "%FF%FE",
    "%",
    "%2",
    "%zz",
  ])("a path with the bytes %s answers 400 or 404 and runs nothing", async (bytes) => {
    const answers: Answer[] = [];
    const statements = await fixture().statements(async () => {
      answers.push(await fixture().ask("GET", `_table/countries${bytes}`));
      answers.push(await fixture().ask("GET", `_table/customers?filter=first_name='${bytes} OR ''${bytes}''`));
    });
    expect(answers[0]?.status === 400 || answers[0]?.status === 404).toBe(true);
    expect(answers[1]?.status).toBe(400);
    expect(statements.filter((sql) => !reading.has(sql))).toEqual([]);
  });

  describe("a table whose own name is", () => {
    test.each(
      HOSTILE_NAMES.filter((_, index) => howMany === "all" || index % 10 === 0),
    )("%s is written, read, changed, described and emptied", async (name) => {
      await useTable(fixture(), target, name);
      expect(await allRows(fixture(), target)).toEqual(before);
    });
  });
}

const HOSTILE_NAMES = [
  'x"; DROP TABLE customers; --',
  "x`; DROP TABLE customers; --",
  "x'; DROP TABLE customers; --",
  "it's",
  'say "hi"',
  "back`tick",
  "back\\slash",
  "[bracket]",
  "a/b",
  "a%2Fb",
  "100%",
  "a b",
  "a.b",
  "a,b",
  "(a)",
  "?",
  "$1",
  ":p",
  "@p",
  "-- x",
  "/* x */",
  "{fn now()}",
  "%s",
  "#",
  "&a=b",
  "*",
  "ünïcödé",
  "__proto__",
  "constructor",
  "toString",
  "UNION",
  "null",
  "5",
];

function scratchSql({ words }: Target): string {
  const { quote, autoKey, decimal, boolean, date, datetime, text, json, uuid, binary } = words;
  return `CREATE TABLE ${quote(SCRATCH)} (id ${autoKey}, label VARCHAR(200), amount ${decimal(20, 2)}, flag ${boolean},
    day ${date}, at ${datetime}, note ${text}, profile ${json}, uid ${uuid}, bytes ${binary})`;
}

async function send({ house, key }: Fixture, sent: Sent): Promise<Answer> {
  const { verb, path, body, headers = {} } = sent;
  return house.ask(verb, `${SERVICE}/${path}`, {
    key,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

function sqlOf(lines: readonly LogLine[]): readonly string[] {
  return lines.flatMap((line) => (line.service === SERVICE ? [String(line.sql)] : []));
}

/** What is wrong with an answer to a hostile request, if anything. */
function offence({ status, headers, text, body }: Answer): string | undefined {
  const isUnserved = status === 501 && / is not served yet\.$/.test(body.error.message);
  if (status >= 500 && !isUnserved) return `status ${status}: ${text}`;
  if (LEAKS.test(text)) return `a leak: ${text}`;
  if (headers.has("Set-Cookie") || !headers.has("X-Request-Id")) return "headers";
  return status >= 400 && typeof body?.error?.message !== "string" ? `no error: ${text}` : undefined;
}

/** The names that may stand in a statement: those of the catalog, and of subqueries. */
async function catalogNames({ ask, database }: Fixture): Promise<ReadonlySet<string>> {
  const list = await ask("GET", "_table?as_list=true");
  const tables: readonly string[] = list.body.resource;
  const all = [];
  for (const table of tables) all.push((await ask("GET", `_schema/${encodeURIComponent(table)}`)).body);
  const fields = all.flatMap((table: { field: { name: string }[] }) => table.field.map(({ name }) => name));
  const schemas = ["public", "main", String(database.config.database)];
  return new Set([...tables, ...fields, ...schemas]);
}

const QUOTED = /"((?:[^"]|"")*)"|`((?:[^`]|``)*)`/g;
const LITERAL = /'(?:[^']|'')*'/g;
/** Literals that dialects write themselves: the escape of LIKE, and kinds of JSON values. */
const OWN_LITERAL = /^'(?:!|[a-z]{4,7}|[A-Z ]{4,16})'$/;

/** What stands in the statements and is neither of the catalog nor Millrace's own. */
function foreignParts(statements: readonly string[], names: ReadonlySet<string>): readonly string[] {
  return [...new Set(statements)].flatMap((sql) => {
    const quoted = [...sql.matchAll(QUOTED)].map(([, ansi, tick]) => (ansi ?? tick ?? "").replace(/(["`])\1/g, "$1"));
    const rest = sql.replace(QUOTED, "");
    const literals = rest.match(LITERAL) ?? [];
    return [
      ...quoted.filter((name) => !names.has(name) && !/^r\d+$/.test(name)),
      ...literals.filter((literal) => !OWN_LITERAL.test(literal)),
      ...(FOREIGN.exec(rest.replace(LITERAL, "")) ?? []),
    ];
  });
}

const TABLES = ["countries", "customers", "orders", "products", "order_items", "things", "logs"];

async function allRows({ database }: Fixture, { words }: Target): Promise<unknown> {
  const more = ["order details (new)", 'Mixed"Case', "select"].map(words.quote);
  const rows: unknown[] = [];
  for (const table of [...TABLES, ...more]) rows.push(await database.query(`SELECT * FROM ${table} ORDER BY 1, 2`));
  return rows;
}

/** Writes the text, finds it by itself alone, changes it and deletes it, each time by itself. */
async function keepAndFind({ ask }: Fixture, text: string): Promise<void> {
  const table = `_table/${SCRATCH}`;
  const named = (name: string) =>
    `${table}?${new URLSearchParams({ filter: `label ${name} :p`, params: JSON.stringify({ p: text }), fields: "label,note,profile" })}`;
  const hows = text.includes("\0") ? ["="] : ["=", "contains", "starts with"];
  const record = { label: text, note: text, profile: { [text]: text } };
  const made = await ask("POST", table, { body: { resource: [record, { label: "another" }] } });
  const found = await Promise.all(hows.map((how) => ask("GET", named(how))));
  expect([made.status, ...found.map(({ body }) => body)]).toEqual([200, ...found.map(() => ({ resource: [record] }))]);
  const changed = await ask("PATCH", named("="), { body: { note: `${text}!` } });
  expect(changed.body).toEqual({ resource: [{ ...record, note: `${text}!` }] });
  const deleted = await ask("DELETE", named("="));
  expect(deleted.body).toEqual(changed.body);
  await ask("DELETE", `${table}?force=true`);
}

/** Does with a table of this name, and a column of this name, what one does with tables. */
async function useTable({ ask, database }: Fixture, { words }: Target, name: string): Promise<void> {
  const q = words.quote;
  const path = `_table/${encodeURIComponent(name)}`;
  const column = `\`${name.replaceAll("`", "``")}\``;
  await database.query(`CREATE TABLE ${q(name)} (id ${words.autoKey}, ${q(name)} VARCHAR(40))`);
  try {
    await ask("GET", "_table?refresh=true");
    const made = await ask("POST", path, { body: { id: 1, [name]: "one" } });
    const query = new URLSearchParams({ filter: `${column} = 'one'`, fields: column, order: `${column} desc` });
    const found = await ask("GET", `${path}?${query}`);
    const changed = await ask("PATCH", `${path}/1?fields=*`, { body: { [name]: "two" } });
    const schema = await ask("GET", `_schema/${encodeURIComponent(name)}`);
    const stored = await database.query(`SELECT ${q(name)} AS v FROM ${q(name)}`);
    expect([made.body, found.body, changed.body, schema.body.name, schema.body.field[1].name, stored]).toEqual([
      { id: 1 },
      { resource: [{ [name]: "one" }] },
      { id: 1, [name]: "two" },
      name,
      name,
      [{ v: "two" }],
    ]);
    expect((await ask("DELETE", `${path}/1`)).body).toEqual({ id: 1 });
    expect(await database.query(`SELECT id FROM ${q(name)}`)).toEqual([]);
  } finally {
    await database.query(`DROP TABLE ${q(name)}`);
    await ask("GET", "_table?refresh=true");
  }
}
