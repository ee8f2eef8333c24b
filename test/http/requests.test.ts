import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKey } from "../house.ts";
import { SERVER } from "../runtimes/server-traits.ts";
import { type HouseWithTables, openHouseWith } from "./database.ts";
import { askRaw, bodyOf, sendRaw } from "./raw.ts";

const SQL = [
  `CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)`,
  `INSERT INTO notes VALUES (1, 'one'), (2, 'two')`,
  `CREATE TABLE "a/b" (id INTEGER PRIMARY KEY)`,
  `INSERT INTO "a/b" VALUES (7)`,
  `CREATE TABLE "%2e%2e" (id INTEGER PRIMARY KEY)`,
  `INSERT INTO "%2e%2e" VALUES (8)`,
  `CREATE TABLE "a%2Fb" (id INTEGER PRIMARY KEY)`,
  `INSERT INTO "a%2Fb" VALUES (9)`,
];

let at: HouseWithTables;
let reader: string;
let writer: string;
beforeAll(async () => {
  at = await openHouseWith(SQL);
  reader = await makeKey(at.house, "reader", [{ service_id: at.serviceId, component: "_table/notes/*", verb_mask: 1 }]);
  writer = await makeKey(at.house, "writer", [{ service_id: at.serviceId, component: "_table/notes/*", verb_mask: 2 }]);
});
afterAll(() => at.close());

const NOTES = "/api/v2/db/_table/notes";
const ROWS = {
  resource: [
    { id: 1, text: "one" },
    { id: 2, text: "two" },
  ],
};
const error = (status: number, message: string) => ({
  error: { code: status, context: null, message, status_code: status },
});
const get = (path: string, headers = {}) => at.house.ask("GET", path, { key: at.key, headers });
const raw = (target: string, headers = {}, method = "GET") =>
  askRaw(at.house.url, target, { "X-API-Key": at.key, ...headers }, method);
const rows = () => at.database.query("SELECT id, text FROM notes ORDER BY id");

describe("a verb", () => {
  test.each([
    "OPTIONS",
    "TRACE",
    "PROPFIND",
    "MKCOL",
    "SEARCH",
    "PURGE",
    "LOCK",
    "REPORT",
    "QUERY",
  ])("%s is not served", async (verb) => {
    const { status, headers, text } = await raw(NOTES, {}, verb);
    expect([status, headers.get("Allow"), JSON.parse(text).error.message]).toEqual([
      405,
      "GET, POST, PUT, PATCH, DELETE",
      "The verb of the request is not served.",
    ]);
  });

  test.each(["get", "Get", "delete", "GETX", "<script>"])("%s is no verb of HTTP, and reads nothing", async (verb) => {
    const { status, text } = await raw(NOTES, {}, verb);
    expect(SERVER.refusals).toContain(status);
    expect(text).not.toContain("one");
    if (SERVER.letsMillraceRefuse) expect(JSON.parse(bodyOf(text)).error.code).toBe(400);
  });

  test("HEAD answers as GET does, without a body", async () => {
    const found = await raw(NOTES, {}, "HEAD");
    expect([found.status, found.text, found.headers.get("Content-Type")]).toEqual([
      200,
      "",
      "application/json; charset=utf-8",
    ]);
    expect((await raw("/api/v2/db/_table/notes/5", {}, "HEAD")).status).toBe(404);
    expect((await raw(NOTES, { "X-API-Key": writer }, "HEAD")).status).toBe(403);
    expect((await raw(NOTES, { "X-API-Key": reader }, "HEAD")).status).toBe(200);
  });

  test("that a resource lacks answers 405 with those that it has", async () => {
    const answer = await at.house.ask("DELETE", "db/_table", { key: at.key });
    expect([answer.status, answer.headers.get("Allow")]).toEqual([405, "GET"]);
    const root = await at.house.ask("POST", "", { key: at.key, body: {} });
    expect([root.status, root.headers.get("Allow")]).toEqual([405, "GET"]);
  });
});

describe("a verb tunnelled through POST", () => {
  const HEADERS = ["X-HTTP-Method", "X-Method-Override", "X-HTTP-Method-Override"];

  test.each(HEADERS)("by %s is the one that is run", async (name) => {
    for (const verb of ["GET", "get", " Get "]) {
      const answer = await at.house.ask("POST", "db/_table/notes", { key: at.key, headers: { [name]: verb } });
      expect([answer.status, answer.body]).toEqual([200, ROWS]);
    }
  });

  test.each(["method", "_method"])("by the parameter %s is the one that is run", async (name) => {
    const answer = await at.house.ask("POST", `db/_table/notes?${name}=GET`, { key: at.key });
    expect([answer.status, answer.body]).toEqual([200, ROWS]);
  });

  test("is the one that is authorised", async () => {
    const ask = (key: string, verb: string) =>
      at.house.ask("POST", "db/_table/notes?ids=1", { key, headers: { "X-HTTP-Method": verb }, body: { text: "x" } });
    expect((await ask(reader, "GET")).status).toBe(200);
    for (const verb of ["POST", "PUT", "PATCH", "DELETE"])
      expect([verb, (await ask(reader, verb)).status]).toEqual([verb, 403]);
    for (const verb of ["GET", "PUT", "PATCH", "DELETE"])
      expect([verb, (await ask(writer, verb)).status]).toEqual([verb, 403]);
    expect(await rows()).toEqual(ROWS.resource);
  });

  test("counts on POST alone", async () => {
    for (const headers of HEADERS.map((name) => ({ [name]: "DELETE" }))) {
      expect((await get("db/_table/notes?method=DELETE&_method=DELETE&force=true", headers)).body).toEqual(ROWS);
    }
    expect(await rows()).toEqual(ROWS.resource);
  });

  test.each([
    "TRACE",
    "HEAD",
    "OPTIONS",
    "CONNECT",
    "GET, DELETE",
    "__proto__",
    "constructor",
    "DELETE\u00a0x",
  ])("that is %s answers 405", async (verb) => {
    const answer = await at.house.ask("POST", "db/_table/notes?force=true", {
      key: at.key,
      headers: { "X-HTTP-Method": verb },
    });
    expect([answer.status, answer.body]).toEqual([405, error(405, "The verb of the request is not served.")]);
    expect(await rows()).toEqual(ROWS.resource);
  });

  test("that is left empty is POST itself", async () => {
    const answer = await at.house.ask("POST", "db/_table/notes?method=", {
      key: at.key,
      headers: { "X-HTTP-Method": "" },
    });
    expect([answer.status, answer.body]).toEqual([400, error(400, "No record(s) detected in request.")]);
  });
});

describe("a path", () => {
  const BAD = error(400, "The path holds an empty segment or dots.");

  test.each([
    "//",
    "//db",
    "/db//_table",
    "/db/_table//notes",
    "/db/_table/notes//",
    "/db/_table//",
  ])("with an empty segment is refused: %s", async (path) => {
    const { status, text } = await raw(`/api/v2${path}`);
    expect([status, JSON.parse(text)]).toEqual([400, BAD]);
  });

  test.each([
    "",
    "/",
    "/db/",
    "/db/_table/",
    "/db/_table/notes/",
  ])("with a slash at its end is read without it: %s", async (path) => {
    const [bare, slashed] = [await raw(`/api/v2${path.replace(/\/$/, "")}`), await raw(`/api/v2${path}`)];
    expect([slashed.status, slashed.text]).toEqual([200, bare.text]);
  });

  test.each([
    "/db/../system/role",
    "/db/./../system/role",
    "/db/%2e%2e/system/role",
    "/db/.%2E/system/role",
    "/../v2/system/role",
  ])("with dots is refused, written out or encoded: %s", async (path) => {
    const { status, text } = await raw(`/api/v2${path}`, { "X-API-Key": reader });
    if (SERVER.keepsDots) expect([status, JSON.parse(text)]).toEqual([400, BAD]);
    else expect(status).toBe(404);
  });

  test.each([
    ["/db/..%2fsystem%2frole", 404],
    ["/db/..%5csystem", 404],
    ["/db%2f_table%2fnotes", 404],
    ["/db/_table%2fnotes", 404],
    ["/db/_table/notes%2f1", 404],
    ["/db/_table/notes%00", 404],
    ["/db/_table/notes%20", 404],
    ["/db/_table/%6eotes%2e", 404],
    ["/db/_table/notes/1%2f", 400],
    ["/db/_table/notes/1%00", 400],
    ["/db/_table/%2e%2e%2fnotes", 404],
    ["/db/_table/%", 400],
    ["/db/_table/%ff", 400],
    ["/db/_table/%c0%ae%c0%ae", 400],
    ["/db/_table/%u002e", 400],
    ["/db/_table/%ed%a0%80", 400],
  ])("with a slash, dot or byte in disguise is one segment: %s", async (path, expected) => {
    const { status, text } = await raw(`/api/v2${path}`);
    expect([status, JSON.parse(text).error.status_code]).toEqual([expected, expected]);
  });

  test("is decoded once: every name has one spelling that reaches it, and twice encoded is another name", async () => {
    const found = async (segment: string) =>
      JSON.parse((await raw(`/api/v2/db/_table/${segment}?fields=id`)).text).resource;
    expect(await found("a%2Fb")).toEqual([{ id: 7 }]);
    expect(await found("a%252Fb")).toEqual([{ id: 9 }]);
    expect(await found("%252e%252e")).toEqual([{ id: 8 }]);
    expect(await found("a%25252Fb")).toBeUndefined();
    expect(await found("%6E%6f%74%65s")).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test.each([
    "/api/v%32/db/_table/notes",
    "/%61pi/v2/db/_table/notes",
    "/api%2Fv2/db",
    "/API/v2/db",
    "/api/v2db",
    "/api/v3/db",
    "/api",
    "/x",
    "/livez/x",
    "/.env",
  ])("outside of the API serves nothing: %s", async (path) => {
    const { status, text } = await raw(path);
    expect([status, JSON.parse(text)]).toEqual([404, error(404, "Nothing is served here. The API begins at /api/v2.")]);
  });

  test("of a service that is none says so in the words for any", async () => {
    for (const name of ["nothing", "__proto__", "constructor", "d%20b", "db%00", "d%2Fb", "Ⅾb"]) {
      const { status, text } = await raw(`/api/v2/${encodeURI(decodeURIComponent(name)).replace("d/b", "d%2Fb")}`);
      const said = decodeURIComponent(name).toLowerCase();
      expect([status, JSON.parse(text)]).toEqual([404, error(404, `Could not find a service for '${said}'.`)]);
    }
  });

  test("of 15000 characters is answered, as its parameters are", async () => {
    for (const size of [7000, 14_000]) {
      expect((await raw(`/api/v2/db/_table/${"x".repeat(size)}`)).status).toBe(404);
      expect((await raw(`/api/v2/db/_table/notes/${"/x".repeat(size / 2).slice(1)}`)).status).toBe(404);
      expect((await raw(`${NOTES}?x=${"x".repeat(size)}`)).status).toBe(200);
      expect((await raw(`${NOTES}?${"a&".repeat(size / 2)}`)).status).toBe(200);
    }
  });

  test("that is far too long is refused by the server, and the next is answered", async () => {
    expect((await raw(`${NOTES}?x=${"x".repeat(1_000_000)}`)).status).toBe(431);
    expect((await raw(NOTES)).status).toBe(200);
  });
});

describe("the filter of a request", () => {
  const tunnel = (filter: string) =>
    at.house.ask("POST", "db/_table/notes", { key: at.key, headers: { "X-HTTP-Method": "GET" }, body: { filter } });

  test("of 64 KiB is read, and of one byte more is refused", async () => {
    const filter = `text = '${"x".repeat(64 * 1024 - "text = ''".length)}'`;
    expect((await tunnel(filter)).body).toEqual({ resource: [] });
    const longer = await tunnel(`${filter} `);
    expect([longer.status, longer.body]).toEqual([400, error(400, "Invalid filter: it is longer than 65536 bytes.")]);
  });

  test.each([
    ["("],
    ["!"],
    ["not "],
    ["text = '"],
    ["`"],
    ["["],
    ["a=1 xor "],
    ["text in (1,"],
    ["text->"],
    ["%"],
    ["\\"],
    [" "],
    ["''"],
  ])("of %j again and again is answered at once, at half and at full length", async (piece) => {
    for (const size of [32_000, 64_000]) {
      const answer = await tunnel(piece.repeat(Math.floor(size / piece.length)));
      expect([400, 200]).toContain(answer.status);
    }
  });
});

const NOT_ACCEPTABLE =
  "Answers are served as JSON (application/json), CSV (text/csv), XML (application/xml) and NDJSON (application/x-ndjson).";

describe("an answer", () => {
  test.each([
    "application/json",
    "*/*",
    "application/*",
    "text/html,*/*;q=0.8",
    "application/problem+json",
    "APPLICATION/JSON",
    "",
  ])("is JSON for those who accept '%s'", async (Accept) => {
    const { status, headers } = await get("db/_table/notes", { Accept });
    expect([status, headers.get("Content-Type")]).toEqual([200, "application/json; charset=utf-8"]);
  });

  test.each([
    "image/png",
    "text/html",
    "application/pdf",
    "text/x-json",
    "nonsense",
  ])("is 406 for those who accept %s alone", async (Accept) => {
    const { status, body } = await get("db/_table/notes", { Accept });
    expect([status, body]).toEqual([406, error(406, NOT_ACCEPTABLE)]);
  });

  test("that is an error takes the form of RFC 9457 for those who ask for it", async () => {
    const headers = { Accept: "application/problem+json", "X-Request-Id": "r1" };
    const answer = await get("db/_table/nothing", headers);
    expect([answer.status, answer.headers.get("Content-Type"), answer.body]).toEqual([
      404,
      "application/problem+json; charset=utf-8",
      {
        type: "about:blank",
        title: "not found",
        status: 404,
        detail: "Table 'nothing' does not exist in the database.",
        instance: "r1",
        context: null,
      },
    ]);
  });

  test("repeats what was asked as plain text, not as HTML, and cut short", async () => {
    const { body } = await get(`db/_table/${encodeURIComponent("<script>alert(1)</script>\r\n\u0000")}`);
    expect(body.error.message).toBe("Table '<script>alert(1)</script>\r\n\u0000' does not exist in the database.");
    const long = await get(`db/_table/${"x".repeat(5000)}`);
    expect(long.body.error.message).toBe(`Table '${"x".repeat(64)}…' does not exist in the database.`);
  });

  test.each([
    ["GET", "/api/v2"],
    ["GET", "/api/v2/db/_table/notes"],
    ["HEAD", "/api/v2/db/_table/notes"],
    ["GET", "/api/v2/db/_table/nothing"],
    ["GET", "/api/v2/nothing"],
    ["GET", "/api/v2//"],
    ["GET", "/api/v2/db/_table/%"],
    ["TRACE", "/api/v2/db"],
    ["POST", "/api/v2/db/_table/notes"],
    ["GET", "/api/v2/system/environment"],
    ["GET", "/livez"],
    ["GET", "/readyz"],
    ["POST", "/livez"],
    ["GET", "/"],
    ["GET", "/nothing"],
    ["OPTIONS", "/nothing"],
  ])("to %s %s has an id, is kept by nobody and is taken for nothing else", async (method, target) => {
    const { headers } = await raw(target, {}, method);
    expect([headers.get("Cache-Control"), headers.get("X-Content-Type-Options")]).toEqual(["no-store", "nosniff"]);
    expect(headers.get("X-Request-Id")).toMatch(/^[\w-]{36}$/);
  });

  test.each(["r-1", "a".repeat(64), "0af7651916cd43dd:8448eb211c80319c.1", "_", "1"])("keeps the id %s", async (id) => {
    expect((await raw(NOTES, { "X-Request-Id": id })).headers.get("X-Request-Id")).toBe(id);
  });

  test.each([
    "a b",
    "a".repeat(65),
    "<script>",
    "a;b",
    "é",
    "a,b",
    "a\tb",
    '"x"',
    "{jndi:x}",
    "a/b",
  ])("puts an id of its own for %j", async (id) => {
    const { headers } = await raw(NOTES, { "X-Request-Id": id });
    expect(headers.get("X-Request-Id")).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  });

  test("with two ids keeps neither", async () => {
    const head = `GET ${NOTES} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-API-Key: ${at.key}\r\n`;
    const { status, headers } = await sendRaw(at.house.url, `${head}X-Request-Id: a\r\nX-Request-Id: b\r\n\r\n`);
    expect([status, headers.get("X-Request-Id")?.length]).toEqual([200, 36]);
  });

  test.runIf(SERVER.facesTheWire)(
    "to a request that is broken below HTTP comes all the same, and says nothing",
    async () => {
      const broken = [
        "GARBAGE\r\n\r\n",
        `GET ${NOTES} HTTP/9.9\r\n\r\n`,
        `GET ${NOTES} HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n`,
      ];
      for (const wire of broken) {
        const { status, text } = await sendRaw(at.house.url, wire);
        expect(SERVER.refusals).toContain(status);
        if (SERVER.letsMillraceRefuse) expect(JSON.parse(bodyOf(text)).error.code).toBe(400);
        expect(text).not.toMatch(/\n {4}at |node:|\.ts\b/);
      }
      expect((await raw(NOTES)).status).toBe(200);
    },
  );

  test.runIf(SERVER.facesTheWire)(
    "to two lengths at once, or a length and pieces, is a refusal: nothing is smuggled",
    async () => {
      const head = `POST ${NOTES} HTTP/1.1\r\nHost: x\r\nX-API-Key: ${at.key}\r\nContent-Type: application/json\r\n`;
      for (const lengths of [
        "Content-Length: 2\r\nContent-Length: 9",
        "Content-Length: 2\r\nTransfer-Encoding: chunked",
        "Content-Length: -1",
        "Transfer-Encoding: x, chunked, x",
      ]) {
        const { status } = await sendRaw(at.house.url, `${head}${lengths}\r\n\r\n{}`);
        expect(SERVER.refusals, lengths).toContain(status);
      }
      expect(await rows()).toEqual(ROWS.resource);
    },
  );
});

describe("credentials", () => {
  const bare = (target: string, headers = {}) => askRaw(at.house.url, target, headers);

  test("may stand in the query, where a header wins over them", async () => {
    expect((await bare(`${NOTES}?api_key=${at.key}`)).status).toBe(200);
    expect((await bare(`${NOTES}?session_token=${at.house.token}`)).status).toBe(200);
    expect((await bare(`${NOTES}?api_key=wrong`, { "X-API-Key": at.key })).status).toBe(200);
    expect((await bare(`${NOTES}?api_key=${at.key}`, { "X-API-Key": "wrong" })).status).toBe(401);
    expect((await bare(`${NOTES}?session_token=${at.house.token}`, { Authorization: "Bearer wrong" })).status).toBe(
      401,
    );
  });

  test("that are wrong answer 401, and say how to do better", async () => {
    for (const headers of [
      {},
      { "X-API-Key": "x" },
      { Authorization: "Bearer x" },
      { Authorization: "Digest x" },
      { Authorization: "x".repeat(9000) },
    ]) {
      const answer = await bare(NOTES, headers);
      expect([answer.status, answer.headers.get("WWW-Authenticate")]).toEqual([
        401,
        expect.stringMatching(/realm="Millrace"/),
      ]);
    }
  });

  test("never come back in an answer or stand in the log", async () => {
    const secret = "kanarie-of-a-key";
    const from = (await at.house.log()).length;
    const answers = [
      await bare(`${NOTES}?api_key=${secret}`),
      await bare(NOTES, { Authorization: `Bearer ${secret}` }),
    ];
    expect(answers.map(({ text }) => text.includes(secret))).toEqual([false, false]);
    expect(JSON.stringify((await at.house.log()).slice(from))).not.toContain(secret);
    expect(JSON.stringify(await at.house.log())).not.toContain(at.key);
  });

  test("of a session that is over are only forgiven where one logs in, whatever the path looks like", async () => {
    const login = (path: string) =>
      askRaw(at.house.url, `/api/v2/${path}`, { Authorization: "Bearer over", "Content-Length": "0" }, "POST");
    expect((await login("system/admin/session")).text).toContain("Field 'password' is required.");
    expect((await login("system/admin%2Fsession")).text).toContain("The session token is not valid");
  });
});
