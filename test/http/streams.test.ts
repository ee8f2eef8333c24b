import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { within } from "../../src/lib/within.ts";
import { RUNTIME } from "../house.ts";
import { Wire } from "../suites/runtime/wire.ts";
import { type HouseWithTables, openHouseWith } from "./database.ts";

const ROWS = 60_000;
const PAD = "x".repeat(200);
const NUMBERS = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS}) SELECT i FROM n`;

const SQL = [
  "CREATE TABLE many (id INTEGER PRIMARY KEY, text TEXT)",
  `INSERT INTO many (id, text) SELECT i, '${PAD}' FROM (${NUMBERS})`,
  // From one row on the database can not compute it.
  `CREATE VIEW late AS SELECT id, CASE WHEN id > ${ROWS - 5_000} THEN abs(-9223372036854775807 - 1) ELSE id END AS n, text FROM many`,
  "CREATE TABLE taken (id INTEGER PRIMARY KEY, name TEXT, n INTEGER)",
];

let at: HouseWithTables;
beforeAll(async () => {
  at = await openHouseWith(SQL);
});
afterAll(() => at.close());

const open = (path: string, { house, key } = at, signal?: AbortSignal) =>
  fetch(`${house.url}/api/v2/db/_table/${path}`, { headers: { "X-API-Key": key }, ...(signal && { signal }) });

describe("all rows at once", () => {
  test.each([
    ["csv", ROWS + 1],
    ["ndjson", ROWS],
  ])("come whole as %s", async (format, lines) => {
    const text = await (await open(`many?limit=all&accept=${format}`)).text();
    expect(text.trimEnd().split("\n").length).toBe(lines);
    expect(text).toContain(String(ROWS));
  });

  test("come whole as JSON and as XML", async () => {
    const json = JSON.parse(await (await open("many?limit=all&fields=id")).text());
    expect([json.resource.length, json.resource.at(-1)]).toEqual([ROWS, { id: ROWS }]);
    const xml = await (await open("many?limit=all&fields=id&accept=xml")).text();
    expect(xml.split("<resource>").length).toBe(ROWS + 1);
    expect(xml.endsWith(`<id type="number">${ROWS}</id></resource></dfapi>\n`)).toBe(true);
  });

  test("that do not even begin fail as any other call", async () => {
    const { status, headers } = await open("many?limit=all&filter=none=1&accept=csv");
    expect([status, headers.get("Content-Type")]).toEqual([400, "application/json; charset=utf-8"]);
  });

  test("asked for by HEAD have headers alone", async () => {
    const response = await fetch(`${at.house.url}/api/v2/db/_table/many?limit=all&accept=csv`, {
      method: "HEAD",
      headers: { "X-API-Key": at.key },
    });
    expect([response.status, response.headers.get("Content-Type"), await response.text()]).toEqual([
      200,
      "text/csv; charset=utf-8",
      "",
    ]);
    await untilIdle();
  });

  test("end for who goes away, and the database is free again", async () => {
    for (let time = 0; time < 3; time++) {
      const leaving = new AbortController();
      const response = await open("many?limit=all&accept=csv", at, leaving.signal);
      await response.body?.getReader().read();
      leaving.abort();
    }
    await untilIdle();
    expect((await at.house.ask("POST", "db/_table/taken", { key: at.key, body: { name: "free" } })).status).toBe(200);
  });

  test.each(["csv", "ndjson", "json", "xml"])("that fail on the way as %s do not look whole", async (format) => {
    const response = await open(`late?limit=all&accept=${format}`);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    await untilIdle();
  });

  test.skipIf(RUNTIME === "workers")("are sent to their end when the server is told to stop", async () => {
    const other = await openHouseWith(SQL);
    const response = await open("many?limit=all&accept=ndjson", other);
    const reader = response.body?.getReader();
    let size = (await reader?.read())?.value?.length ?? 0;
    const closing = other.close();
    for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
      size += part.value.length;
      if (size % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await closing;
    expect(size).toBeGreaterThan(ROWS * PAD.length);
  });
});

describe("an upload", () => {
  const send = (body: ReadableStream<Uint8Array>, type: string, query = "") =>
    fetch(`${at.house.url}/api/v2/db/_table/taken${query}`, {
      method: "POST",
      headers: { "X-API-Key": at.key, "Content-Type": type },
      body,
      duplex: "half",
    } as RequestInit);
  const count = async () => Number((await at.database.query("SELECT COUNT(*) AS n FROM taken"))[0]?.n);
  const emptied = () => at.database.query("DELETE FROM taken");

  test("of 100000 rows, larger than any other body may be, streams in", async () => {
    await emptied();
    const name = "n".repeat(120);
    const response = await send(
      linesOf(100_000, "name,n", (row) => `${name},${row}`),
      "text/csv",
    );
    const { resource } = (await response.json()) as { readonly resource: readonly object[] };
    expect([response.status, resource.length, await count()]).toEqual([200, 100_000, 100_000]);
  });

  test("whose client goes away in the middle leaves nothing behind", async () => {
    await emptied();
    const leaving = new AbortController();
    const body = linesOf(200_000, "name,n", (row) => {
      if (row === 100_000) leaving.abort();
      return `${PAD},${row}`;
    });
    const sent = fetch(`${at.house.url}/api/v2/db/_table/taken`, {
      method: "POST",
      headers: { "X-API-Key": at.key, "Content-Type": "text/csv" },
      body,
      duplex: "half",
      signal: leaving.signal,
    } as RequestInit);
    await expect(sent).rejects.toThrow();
    await untilIdle();
    expect(await count()).toBe(0);
  });

  test.each([
    ["text/csv", "name,n\n", "Line 2 of the CSV is too long."],
    ["application/x-ndjson", "", "Line 1 of the NDJSON is too long."],
  ])("of %s with a line without an end is refused as soon as it is too long", async (type, head, message) => {
    let pieces = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode(pieces++ === 0 ? head || " " : PAD.repeat(100)));
        if (pieces > 100) controller.close();
      },
    });
    const response = await send(body, type);
    expect([response.status, (await response.json()) as object]).toMatchObject([413, { error: { message } }]);
  });

  test("in pieces of a byte is read as it would be in one", async () => {
    await emptied();
    const bytes = new TextEncoder().encode('name,n\r\n"é ""x""\r\n😀",1\r\n,2');
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent === bytes.length) controller.close();
        else controller.enqueue(bytes.slice(sent, ++sent));
      },
    });
    expect((await send(body, "text/csv")).status).toBe(200);
    expect(await at.database.query("SELECT name, n FROM taken ORDER BY n")).toMatchObject([
      { name: 'é "x"\r\n😀' },
      { name: null },
    ]);
  });
});

/** Where a transaction stays open while its client sends. */
describe.skipIf(RUNTIME === "workers")("an upload that stops behind its first megabyte", () => {
  test("is undone before those who wait for its connection give up", async () => {
    await at.database.query("DELETE FROM taken");
    const wire = await Wire.connect(at.house.url);
    const rows = `${PAD},1\r\n`.repeat(8_000);
    const head = `POST /api/v2/db/_table/taken HTTP/1.1\r\nHost: a\r\nX-API-Key: ${at.key}\r\nContent-Type: text/csv\r\n`;
    wire.send(`${head}Content-Length: 9000000\r\n\r\nname,n\r\n${rows}`);
    const answered = wire.answer();
    const others: number[] = [];
    let isDone = false;
    while (!isDone) {
      const { status } = await at.house.ask("GET", "db/_table/taken?limit=1", { key: at.key });
      others.push(status);
      isDone =
        (await within(
          answered.then(() => true),
          0,
        )) ?? false;
    }
    const answer = await answered;
    expect([answer?.status, JSON.parse(answer?.body ?? "").error.message]).toEqual([
      408,
      "The upload came in too slowly and was broken off.",
    ]);
    expect(others).toEqual(others.map(() => 200));
    expect(await at.database.query("SELECT COUNT(*) AS n FROM taken")).toMatchObject([{ n: 0 }]);
    wire.destroy();
  });
});

test.skipIf(RUNTIME === "workers")("an export that fails on the way does not look whole to HTTP/1.0", async () => {
  const wire = await Wire.connect(at.house.url);
  wire.send(`GET /api/v2/db/_table/late?limit=all&accept=csv HTTP/1.0\r\nHost: a\r\nX-API-Key: ${at.key}\r\n\r\n`);
  expect(await wire.ending).toBe("reset");
  wire.destroy();
});

/** A body that is made while it is sent. */
function linesOf(rows: number, head: string, line: (row: number) => string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let row = 0;
  return new ReadableStream({
    pull(controller) {
      let text = row === 0 ? `${head}\r\n` : "";
      for (const end = Math.min(rows, row + 500); row < end; row++) text += `${line(row)}\r\n`;
      controller.enqueue(encoder.encode(text));
      if (row === rows) controller.close();
    },
  });
}

/** Raises when the service is still used after a while. */
async function untilIdle(): Promise<void> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const response = await fetch(`${at.house.url}/status`, { headers: { Authorization: `Bearer ${at.house.token}` } });
    const status = (await response.json()) as {
      readonly services?: readonly { name: string; running_calls: number }[];
    };
    const running = status.services?.find(({ name }) => name === "db")?.running_calls;
    if (running === 0) return;
    if (running === undefined || Date.now() > deadline)
      throw new Error(`The service is used: ${JSON.stringify(status)}`);
  }
}
