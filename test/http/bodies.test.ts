import { request } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { KEEPS_BIG_TEXTS, SERVER } from "../runtimes/server-traits.ts";
import { type HouseWithTables, openHouseWith } from "./database.ts";
import { bodyOf, sendRaw } from "./raw.ts";

const SQL = [
  `CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT, number NUMERIC, "toString" TEXT, "__proto__" TEXT, "constructor" TEXT, "hasOwnProperty" TEXT, resource TEXT)`,
];

let at: HouseWithTables;
beforeAll(async () => {
  at = await openHouseWith(SQL);
});
afterAll(() => at.close());
afterEach(() => at.database.query("DELETE FROM notes"));

const MOST = 10 * 1024 * 1024;
const error = (status: number, message: string) => ({
  error: { code: status, context: null, message, status_code: status },
});
const post = (body: string, headers = {}) => at.house.ask("POST", "db/_table/notes", { key: at.key, body, headers });
const first = async (sql: string) => (await at.database.query(sql))[0];
const count = async () => (await first("SELECT COUNT(*) AS n FROM notes"))?.n;

async function bytes(
  body: Uint8Array<ArrayBuffer>,
  type = "application/json",
): Promise<{ status: number; body: unknown }> {
  const headers = { "X-API-Key": at.key, "Content-Type": type };
  const response = await fetch(`${at.house.url}/api/v2/db/_table/notes`, { method: "POST", headers, body });
  return { status: response.status, body: await response.json() };
}

describe("a body that is not JSON", () => {
  test.each([
    ['{"text":}', 8],
    ['{"text":1', 9],
    ["[1,]", 3],
    ["[1 2]", 3],
    ["{text:1}", 1],
    ["{'text':1}", 1],
    ['{"text":1,}', 10],
    ['{"text" 1}', 8],
    ['{"text":01}', 9],
    ['{"text":1.}', 9],
    ['{"text":+1}', 8],
    ['{"text":NaN}', 8],
    ['{"text":undefined}', 8],
    ['{"text":"a\u0001"}', 10],
    ['{"text":"a\nb"}', 10],
    ['{"text":"a\\xb"}', 10],
    ['{"text":"\\u12g4"}', 9],
    ['{"text":"open', 13],
    ['{"text":"open\\', 13],
    ['{"text":1} x', 11],
    ['{"text":1}{"text":2}', 10],
    ["nul", 0],
    ["text=1&x=2", 0],
    ["<xml/>", 0],
    ["]", 0],
    ['[{"text":1},{"text":[1,{"a":tru}]}]', 28],
    ["\u00a0{}", 0],
    ["// no\n{}", 0],
  ])("%j is refused at its position", async (body, position) => {
    const answer = await post(body);
    expect([answer.status, answer.body]).toEqual([
      400,
      error(400, `The body of the request is not valid JSON at position ${position}.`),
    ]);
    expect(await count()).toBe(0);
  });

  test("is told from one that is empty", async () => {
    for (const body of ["", " \r\n\t "]) {
      expect((await post(body)).body).toEqual(error(400, "No record(s) detected in request."));
    }
  });

  test.each([
    ["a byte that begins nothing", [0x7b, 0xff, 0x7d]],
    ["Latin-1", [...Buffer.from('{"text":"caf\u00e9"}', "latin1")]],
    ["a character cut short", [...Buffer.from('{"text":"'), 0xe2, 0x82]],
    ["an overlong slash", [...Buffer.from('{"text":"'), 0xc0, 0xaf, 0x22, 0x7d]],
    ["a surrogate", [...Buffer.from('{"text":"'), 0xed, 0xa0, 0x80, 0x22, 0x7d]],
    ["UTF-16", [...Buffer.from('\ufeff{"text":"x"}', "utf16le")]],
  ])("with %s is refused as no UTF-8", async (_, body) => {
    expect(await bytes(Uint8Array.from(body))).toEqual({
      status: 400,
      body: error(400, "The body of the request is not valid UTF-8."),
    });
  });

  test("may begin with a byte order mark", async () => {
    expect((await bytes(Uint8Array.from(Buffer.from('\ufeff{"id":1,"text":"x"}')))).body).toEqual({ id: 1 });
  });

  test("cannot smuggle in half a character", async () => {
    const answer = await post('{"text":"\\ud800"}');
    expect([answer.status, answer.body]).toEqual([400, error(400, "Field 'text' must be a valid text.")]);
  });
});

describe("a content type", () => {
  test.each([
    "text/html",
    "text/csvx",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "application/jsonp",
    "application/json2",
    "image/png",
    "application/json, text/html",
    "{}",
  ])("of %s answers 415", async (type) => {
    const answer = await post('{"text":"x"}', { "Content-Type": type });
    expect([answer.status, answer.body]).toEqual([
      415,
      error(
        415,
        "The body of the request must be JSON (application/json), CSV (text/csv), XML (application/xml), NDJSON (application/x-ndjson) or a form (application/x-www-form-urlencoded).",
      ),
    ]);
    expect(await count()).toBe(0);
  });

  test.each([
    "application/json",
    "APPLICATION/JSON",
    "application/json; charset=utf-8",
    "application/vnd.api+json",
    "text/json",
    "text/plain",
    "application/x-www-form-urlencoded",
  ])("of %s carries JSON", async (type) => {
    expect((await post('{"id":1}', { "Content-Type": type })).body).toEqual({ id: 1 });
  });

  test("of a body that is compressed answers 415", async () => {
    const answer = await post("{}", { "Content-Encoding": "gzip" });
    expect([answer.status, answer.body]).toEqual([415, error(415, "The body of the request must not be compressed.")]);
  });
});

describe("a body that is too large", () => {
  const TOO_LARGE = error(413, `The body of the request is larger than ${MOST} bytes.`);

  test.runIf(SERVER.handsOverEarly)("answers 413 by its Content-Length, before it is sent", async () => {
    const head = `POST /api/v2/db/_table/notes HTTP/1.1\r\nHost: x\r\nX-API-Key: ${at.key}\r\nContent-Type: application/json\r\n`;
    const { status, text } = await sendRaw(at.house.url, `${head}Content-Length: ${MOST + 1}\r\n\r\n{`);
    expect([status, JSON.parse(bodyOf(text))]).toEqual([413, TOO_LARGE]);
  });

  test("answers 413 as soon as too much of it has come, without a Content-Length", async () => {
    expect(await stream(MOST + 1)).toEqual({ status: 413, body: TOO_LARGE });
    expect(await count()).toBe(0);
  });

  test.runIf(KEEPS_BIG_TEXTS)("is one byte larger than the largest that is taken", async () => {
    expect(await stream(MOST)).toEqual({ status: 200, body: { id: 1 } });
    expect((await first("SELECT length(text) AS n FROM notes"))?.n).toBe(MOST - '{"id":1,"text":""}'.length);
  });

  test("leaves the house able to answer the next request", async () => {
    await stream(MOST + 1);
    expect((await post('{"id":1}')).body).toEqual({ id: 1 });
  });

  /** Sends a record of this many bytes in pieces, its length unsaid. */
  function stream(size: number): Promise<{ status: number | undefined; body: unknown }> {
    const [head, tail] = ['{"id":1,"text":"', '"}'];
    return new Promise((resolve, reject) => {
      const headers = { "X-API-Key": at.key, "Content-Type": "application/json", Connection: "close" };
      const sent = request(`${at.house.url}/api/v2/db/_table/notes`, { method: "POST", headers }, async (response) => {
        const text = (await response.setEncoding("utf8").toArray()).join("");
        resolve({ status: response.statusCode, body: JSON.parse(text) });
      });
      sent.on("error", reject);
      sent.write(head);
      for (let left = size - head.length - tail.length; left > 0; left -= 65_536)
        sent.write("x".repeat(Math.min(left, 65_536)));
      sent.end(tail);
    });
  }
});

describe("a body of any shape", () => {
  const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

  test.each([65, 10_000, 1_000_000])("nested %i levels deep answers 400", async (levels) => {
    for (const body of [nested(levels), "[".repeat(levels), '{"a":'.repeat(levels)]) {
      const answer = await post(body);
      expect([answer.status, answer.body]).toEqual([
        400,
        error(400, "The JSON of the request nests deeper than 64 levels."),
      ]);
    }
  });

  test("nested 64 levels deep is read", async () => {
    expect((await post(nested(64))).body).toEqual(error(400, "Record 0 of the request must be an object."));
  });

  test("with brackets inside its texts nests no deeper for them", async () => {
    const text = `${"[{".repeat(1000)}\\"[[`;
    expect((await post(`{"id":1,"text":"${text.replaceAll('"', '\\"')}"}`)).status).toBe(400);
    expect((await post(JSON.stringify({ id: 1, text }))).body).toEqual({ id: 1 });
    expect((await first("SELECT text FROM notes"))?.text).toBe(text);
  });

  test.each([
    ["null"],
    ["true"],
    ["5"],
    ['"x"'],
    ["[null]"],
    ["[[]]"],
    ["[1]"],
    ['{"resource":[5]}'],
  ])("%s holds no records", async (body) => {
    const answer = await post(body);
    expect([answer.status, typeof answer.body.error.message]).toEqual([400, "string"]);
    expect(await count()).toBe(0);
  });

  test("says the same key twice: the last one counts", async () => {
    await post('{"id":1,"text":"first","text":"last"}');
    expect((await first("SELECT text FROM notes"))?.text).toBe("last");
  });

  test.each([
    "toString",
    "__proto__",
    "constructor",
    "hasOwnProperty",
  ])("may name a field %s, which is written, read, filtered and ordered by", async (name) => {
    expect((await post(`{"id":1,"${name}":"x"}`)).body).toEqual({ id: 1 });
    const query = new URLSearchParams({
      fields: name,
      order: name,
      filter: `${name} = :${name}`,
      params: `{"${name}":"x"}`,
    });
    const { text } = await at.house.ask("GET", `db/_table/notes?${query}`, { key: at.key });
    expect(text).toBe(`{"resource":[{"${name}":"x"}]}`);
  });

  test.each([
    '{"fields":[{"toString":1}]}',
    '{"fields":{"toString":1}}',
    '{"fields":[1e400,12345678901234567890]}',
    '{"fields":[[[{"__proto__":{"x":1}}]]]}',
    '{"ids":[{"toString":1}]}',
    '{"ids":{"toString":null}}',
    '{"filter":{"toString":1}}',
    '{"order":[{"valueOf":1,"toString":2}]}',
    '{"params":{"__proto__":1},"filter":"id = :__proto__x"}',
    '{"limit":[{"toString":1}]}',
    '{"count_only":{"toString":1},"filter":"x"}',
    '{"id_field":[{"toString":{}}],"ids":[1]}',
  ])("with the options %s answers 400", async (body) => {
    const headers = { "X-HTTP-Method": "GET" };
    const answer = await post(body, headers);
    expect([answer.status, typeof answer.body.error.message]).toEqual([400, "string"]);
  });

  test.each([
    '{"text":{"expression":{"toString":1}}}',
    '{"text":{"expression":1e400}}',
    '{"text":{"toString":1}}',
  ])("with the value %s answers 400", async (body) => {
    const answer = await post(body);
    expect([answer.status, answer.body.error.message]).toEqual([400, expect.stringMatching(/^Field 'text' /)]);
  });

  test("holds numbers of any size: kept to the digit, or refused", async () => {
    expect((await post('{"id":9223372036854775807,"text":123456789012345678901234567890}')).text).toBe(
      '{"id":9223372036854775807}',
    );
    expect((await first("SELECT text FROM notes"))?.text).toBe("123456789012345678901234567890");
    for (const id of ["9223372036854775808", "1e400", "1e-400", `1${"0".repeat(5000)}`, "0.1", "-1e999999999"]) {
      expect([id, (await post(`{"id":${id}}`)).status]).toEqual([id, 400]);
    }
  });

  test.runIf(KEEPS_BIG_TEXTS)(
    "that holds a text of 1 MB, or ten times as much but a little, is kept whole",
    async () => {
      for (const [id, size] of [
        [1, 1_000_000],
        [2, 2_000_000],
        [3, 10_400_000],
      ] as const) {
        expect((await post(JSON.stringify({ id, text: "[".repeat(size) }))).body).toEqual({ id });
      }
      const sizes = await at.database.query("SELECT length(text) AS n FROM notes ORDER BY id");
      expect(sizes.map(({ n }) => n)).toEqual([1_000_000, 2_000_000, 10_400_000]);
    },
  );

  test("that holds 100000 tiny records is written whole", async () => {
    const records = Array.from({ length: 100_000 }, (_, index) => ({ id: index + 1 }));
    const answer = await post(JSON.stringify({ resource: records }));
    expect([answer.status, answer.body.resource?.length, await count()]).toEqual([200, 100_000, 100_000]);
  });

  test("that is broken only after megabytes of good JSON is refused at that place", async () => {
    for (const size of [1_000_000, 2_000_000]) {
      const body = `{"text":"${"\\n".repeat(size)}","x":[${"1,".repeat(size)}]}`;
      expect((await post(body)).body).toEqual(
        error(400, `The body of the request is not valid JSON at position ${body.length - 2}.`),
      );
    }
  });
});
