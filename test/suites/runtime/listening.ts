import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { EMAIL, MillraceProcess, PASSWORD, type ProcessTarget } from "./process.ts";
import { Wire, type WireAnswer } from "./wire.ts";

/** How Millrace listens on a runtime, and where the runtime's own server decides otherwise. */
export interface ListeningTarget extends ProcessTarget {
  /** The runtime refuses what is no HTTP by itself, with a status and without a body of ours. */
  readonly refusesWithoutBody?: boolean;
  /** The runtime can not close a port and keep its connections: the port closes when they have been told. */
  readonly closesPortLast?: boolean;
  /** The runtime keeps one of several Host headers, and tells nobody of the others. */
  readonly takesSeveralHosts?: boolean;
}

const QUICK = "/api/v2/system/environment";
const LOGIN = JSON.stringify({ email: EMAIL, password: PASSWORD });
/** Headers of a login whose body comes in two halves. */
const SLOW_HEAD = `POST /api/v2/system/admin/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${LOGIN.length}\r\n\r\n`;

/** Tests of the port of a process: how it ends, what it refuses, how much it holds. */
export function listeningSuite(target: ListeningTarget): void {
  endingSuite(target);
  servingSuite(target);
}

/** Each test has a process of its own, as each ends it: they do not disturb each other. */
function endingSuite(target: ListeningTarget): void {
  describe.concurrent(`${target.title}: a process that is told to end`, { timeout: 60_000 }, () => {
    test.for(["SIGTERM", "SIGINT"] as const)("by %s says so twice in its log, and ends with 0", async (signal, own) => {
      const { millrace } = await serve(target, own);
      millrace.signal(signal);
      expect(await millrace.ended()).toBe(0);
      for (const message of ["Millrace is stopping.", "Millrace has stopped."]) {
        expect(JSON.parse(await millrace.line(message))).toMatchObject({ level: "info", message });
      }
    });

    test("under load answers everybody, says to each that the connection closes, and resets none", async (own) => {
      const { millrace, connect, beginSlowly, settle, stop } = await serve(target, own);
      const uploads = await Promise.all(Array.from({ length: 5 }, beginSlowly));
      const wires = await Promise.all(Array.from({ length: 20 }, connect));
      const clients = wires.map((wire) => askUntilClosed(wire));
      await pause(500);
      await settle();
      await stop();
      await pause(300);
      for (const upload of uploads) upload.send(LOGIN.slice(9));
      for (const upload of uploads) {
        expect(await upload.answer()).toMatchObject({ status: 200, headers: { connection: "close" } });
        expect(await upload.ending).toBe("ended");
      }
      for (const answers of await Promise.all(clients)) {
        expect(answers.filter((answer) => answer?.status !== 200)).toEqual([]);
        expect(isLast(answers.at(-1))).toBe(true);
        expect(answers.slice(0, -1).some(isLast)).toBe(false);
      }
      expect(await Promise.all(wires.map(({ ending }) => ending))).toEqual(wires.map(() => "ended"));
      expect(await millrace.ended()).toBe(0);
    });

    test("still answers whoever had connected long before and asked nothing yet", async (own) => {
      const { millrace, connect, settle } = await serve(target, own);
      const wire = await connect();
      await settle();
      await pause(1_200);
      millrace.signal("SIGTERM");
      await millrace.line("Millrace is stopping");
      expect(await wire.ask(QUICK)).toMatchObject({ status: 200 });
      expect(await wire.ending).toBe("ended");
      expect(await millrace.ended()).toBe(0);
    });

    test("refuses new connections while it finishes a request", async (own) => {
      const { millrace, beginSlowly, settle, stop } = await serve(target, own);
      const upload = await beginSlowly();
      await settle();
      await stop();
      await own.expect.poll(() => codeOf(millrace.url), { timeout: 10_000 }).toBe("ECONNREFUSED");
      upload.send(LOGIN.slice(9));
      expect((await upload.answer())?.status).toBe(200);
      expect(await millrace.ended()).toBe(0);
    });

    test("closes connections that nobody uses, without a reset", async (own) => {
      const { millrace, connect, settle, stop } = await serve(target, own);
      const wires = await Promise.all(Array.from({ length: 10 }, connect));
      for (const wire of wires.slice(5)) expect((await wire.ask(QUICK))?.status).toBe(200);
      await settle();
      await stop();
      expect(await Promise.all(wires.map(({ ending }) => ending))).toEqual(wires.map(() => "ended"));
      expect(await millrace.ended()).toBe(0);
    });

    test("does not wait for who asks nothing while it finishes a request", async (own) => {
      const { millrace, connect, beginSlowly, settle, stop } = await serve(target, own);
      const silent = await connect();
      const upload = await beginSlowly();
      await settle();
      await stop();
      await own.expect.poll(() => codeOf(millrace.url), { timeout: 10_000 }).toBe("ECONNREFUSED");
      const closed = silent.ending;
      upload.send(LOGIN.slice(9));
      expect((await upload.answer())?.status).toBe(200);
      expect(await Promise.race([closed, pause(6_000, "waits for the grace")])).toBe("ended");
      expect(await millrace.ended()).toBe(0);
    });

    test("ends at once when it is told so again", async (own) => {
      const { millrace, beginSlowly, settle, stop } = await serve(target, own);
      const upload = await beginSlowly();
      await settle();
      await stop();
      await pause(700);
      millrace.signal("SIGINT");
      expect(await millrace.ended()).toBe(1);
      expect(await upload.answer()).toBeUndefined();
    });

    test("takes a signal that comes twice in a moment, as npm hands it on, for one", async (own) => {
      const { millrace, beginSlowly, settle, stop } = await serve(target, own);
      const upload = await beginSlowly();
      await settle();
      millrace.signal("SIGINT");
      await stop();
      upload.send(LOGIN.slice(9));
      expect((await upload.answer())?.status).toBe(200);
      expect(await millrace.ended()).toBe(0);
    });

    test("cuts what takes longer than the grace, says how much, and ends with 0", async (own) => {
      const { millrace, beginSlowly, settle, stop } = await serve(target, own);
      await Promise.all([beginSlowly(), beginSlowly()]);
      await settle();
      await stop();
      expect(await Promise.race([millrace.ended(), pause(25_000, "late")])).toBe(0);
      expect(JSON.parse(await millrace.line("were cut"))).toMatchObject({ level: "warn", requests: 2 });
    });

    test("while it starts does not wait for a silent store for ever, and ends with 1", async (own) => {
      const silent = createServer().listen(0, "127.0.0.1");
      own.onTestFinished(() => void silent.close());
      await once(silent, "listening");
      const { port } = silent.address() as AddressInfo;
      const millrace = MillraceProcess.spawn(target, {
        DATABASE_URL: `postgres://u:p@127.0.0.1:${port}/d?sslmode=disable`,
      });
      own.onTestFinished(() => millrace.kill());
      await once(silent, "connection");
      millrace.signal("SIGTERM");
      expect(await Promise.race([millrace.ended(), pause(15_000, "late")])).toBe(1);
      await millrace.line("Millrace was told to end before it served");
    });
  });
}

/** A process for one test, and its clients. All of them end with the test. */
async function serve(target: ListeningTarget, { onTestFinished, expect }: TestContext) {
  const millrace = await MillraceProcess.start(target);
  onTestFinished(() => millrace.kill());
  const connect = async () => {
    const wire = await Wire.connect(millrace.url);
    onTestFinished(() => wire.destroy());
    return wire;
  };
  const beginSlowly = async () => (await connect()).send(SLOW_HEAD + LOGIN.slice(0, 9));
  /** The order of the answers says that what was sent before has arrived. */
  const settle = async () => {
    expect((await (await connect()).ask("/livez", "Connection: close\r\n"))?.status).toBe(200);
    await pause(50);
  };
  const stop = async () => {
    millrace.signal("SIGTERM");
    await millrace.line("Millrace is stopping");
    if (!target.closesPortLast) await expect.poll(() => codeOf(millrace.url), { timeout: 10_000 }).toBe("ECONNREFUSED");
  };
  return { millrace, connect, beginSlowly, settle, stop };
}

function servingSuite(target: ListeningTarget): void {
  const left: { kill(): unknown }[] = [];
  let millrace: MillraceProcess;
  beforeAll(async () => {
    millrace = await MillraceProcess.start(target);
  });
  afterEach(() => {
    for (const each of left.splice(0)) each.kill();
  });
  afterAll(() => millrace?.kill());

  const connect = async ({ url }: MillraceProcess) => {
    const wire = await Wire.connect(url);
    left.push({ kill: () => wire.destroy() });
    return wire;
  };

  describe(`${target.title}: what is no request`, () => {
    test.each(BROKEN)("is refused with 400, and the connection is closed: %s", async (_name, text) => {
      const wire = (await connect(millrace)).send(text);
      expectRefusal(await wire.answer(), 400, target);
      expect(await wire.ending).toBe("ended");
      expect(wire.received).toBe("");
    });

    test.skipIf(target.takesSeveralHosts)("is refused where it names two hosts", async () => {
      const wire = (await connect(millrace)).send("GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
      expectRefusal(await wire.answer(), 400, target);
    });

    test("is refused with 431 where the target or the headers are too large", async () => {
      for (const [place, header] of [
        ["/livez", `A: ${"b".repeat(300_000)}\r\n`],
        [`/livez?${"b".repeat(300_000)}`, ""],
      ] as const) {
        const wire = await connect(millrace);
        expectRefusal(await wire.ask(place, header), 431, target);
      }
      const fits = await connect(millrace);
      expect((await fits.ask(`/livez?${"b".repeat(200_000)}`))?.status).toBe(200);
    });
  });

  describe(`${target.title}: a body`, () => {
    test("that is announced to be too large is refused before it is sent", async () => {
      const wire = await connect(millrace);
      wire.send(post("Content-Length: 100000000", await tokenOf(wire)));
      const answer = await wire.answer();
      expect(answer).toMatchObject({ status: 413, headers: { connection: "close" } });
      expect(await wire.ending).toBe("ended");
    });

    test("that does not end is refused when it is too large, and the connection is closed", async () => {
      const wire = await connect(millrace);
      wire.send(post("Transfer-Encoding: chunked", await tokenOf(wire)));
      const chunk = `10000\r\n${" ".repeat(0x10000)}\r\n`;
      const flood = setInterval(() => wire.send(chunk.repeat(16)), 5);
      left.push({ kill: () => clearInterval(flood) });
      expect((await wire.answer())?.status).toBe(413);
      await wire.ending;
    });

    test("of a stranger who sends it in drips is refused long before it ends", async () => {
      const wire = await connect(millrace);
      wire.send("POST /api/v2/system/role HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n{");
      const drip = setInterval(() => wire.send("x"), 100);
      left.push({ kill: () => clearInterval(drip) });
      const answer = await Promise.race([wire.answer(), pause(4_000, undefined)]);
      expect(answer).toMatchObject({ status: 401, headers: { connection: "close" } });
    });

    test("is asked for where the client waits for that (Expect: 100-continue)", async () => {
      const wire = await connect(millrace);
      wire.send(SLOW_HEAD.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n"));
      expect((await wire.answer())?.status).toBe(100);
      wire.send(LOGIN);
      expect((await wire.answer())?.status).toBe(200);
    });
  });

  describe(`${target.title}: a connection`, () => {
    test("serves one request after another, and several at once in their order", async () => {
      const wire = await connect(millrace);
      for (let i = 0; i < 50; i++) expect((await wire.ask("/livez"))?.status).toBe(200);
      wire.send(
        `GET ${QUICK} HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n`,
      );
      const statuses = [await wire.answer(), await wire.answer(), await wire.answer()].map((each) => each?.status);
      expect(statuses).toEqual([200, 404, 200]);
    });

    test("is told of no other length by HEAD than by GET", async () => {
      for (const path of ["/livez", QUICK, "/none"]) {
        const get = await (await connect(millrace)).ask(path);
        const head = await (await connect(millrace))
          .send(`HEAD ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
          .head();
        expect(head?.status).toBe(get?.status);
        expect([get?.headers["content-length"], undefined]).toContain(head?.headers["content-length"]);
      }
    });

    test("is not told what serves it", async () => {
      const answer = await (await connect(millrace)).ask(QUICK);
      expect(Object.keys(answer?.headers ?? {})).not.toContain("x-powered-by");
      expect(Object.keys(answer?.headers ?? {})).not.toContain("server");
    });

    test("among a thousand others that are idle is served, and so are they afterwards", async () => {
      const wires = await Promise.all(Array.from({ length: 1_000 }, () => connect(millrace)));
      for (const wire of wires) expect((await wire.ask("/livez"))?.status).toBe(200);
      expect((await (await connect(millrace)).ask(QUICK))?.status).toBe(200);
      const again = await Promise.all(wires.map((wire) => wire.ask("/livez")));
      expect(again.filter((answer) => answer?.status !== 200)).toEqual([]);
    });
  });
}

const HEAD = "POST /api/v2/system/admin/session HTTP/1.1\r\nHost: localhost\r\n";

const BROKEN: readonly (readonly [string, string])[] = [
  ["no HTTP", "\x16\x03\x01\x02\r\n\r\n"],
  ["no Host", "GET /livez HTTP/1.1\r\n\r\n"],
  ["an empty Host", "GET /livez HTTP/1.1\r\nHost:\r\n\r\n"],
  ["a Host that is none", "GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n"],
  ["two lengths", `${HEAD}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} `],
  ["a length that is no number", `${HEAD}Content-Length: +2\r\n\r\n{}`],
  ["a length and chunks", `${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["chunks and a length", `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
  ["a coding that does not end in chunks", `${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n`],
  ["a coding that looks like chunks", `${HEAD}Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`],
  ["a chunk without a size", `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
  ["a blank before a colon", `${HEAD}Content-Length : 2\r\n\r\n{}`],
  ["a header that goes on in a second line", "GET /livez HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n"],
  ["a zero byte in a header", "GET /livez HTTP/1.1\r\nHost: a\r\nA: b\0c\r\n\r\n"],
];

/** Asks with short breaks, until the connection ends or is said to. */
async function askUntilClosed(wire: Wire): Promise<readonly (WireAnswer | undefined)[]> {
  const answers: (WireAnswer | undefined)[] = [];
  do {
    answers.push(await wire.ask(QUICK));
    await pause(Math.random() * 20);
  } while (answers.at(-1) !== undefined && !isLast(answers.at(-1)));
  return answers;
}

function isLast(answer: WireAnswer | undefined): boolean {
  return answer?.headers.connection?.toLowerCase() === "close";
}

function expectRefusal(answer: WireAnswer | undefined, status: number, target: ListeningTarget): void {
  expect(answer?.status).toBe(status);
  if (target.refusesWithoutBody) return;
  expect(answer?.headers).toMatchObject({ connection: "close", "x-request-id": expect.stringMatching(/./) });
  expect(JSON.parse(answer?.body ?? "")).toMatchObject({ error: { code: status, status_code: status } });
}

async function tokenOf(wire: Wire): Promise<string> {
  const answer = await wire.send(SLOW_HEAD + LOGIN).answer();
  return String(JSON.parse(answer?.body ?? "{}").session_token);
}

function post(length: string, token: string): string {
  const head = "POST /api/v2/system/role HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
  return `${head}\r\nX-DreamFactory-Session-Token: ${token}\r\n${length}\r\n\r\n`;
}

/** How connecting fails, or nothing where it does not. */
async function codeOf(url: string): Promise<string | undefined> {
  try {
    (await Wire.connect(url)).destroy();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}
