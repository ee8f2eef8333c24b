import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, get } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { startHouse } from "../house.ts";
import { BUN, whyNoBun } from "../runtimes/bun.ts";

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const running: ChildProcess[] = [];
afterEach(() => {
  for (const each of running.splice(0)) each.kill("SIGKILL");
});

interface Started {
  readonly process: ChildProcess;
  readonly port: number;
  /** What it has printed. */
  readonly lines: readonly string[];
  readonly ended: Promise<unknown>;
}

/** Runs a program until it has said where it listens. */
async function start(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Started> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...env } });
  running.push(child);
  const ended = once(child, "exit").then(([code]) => code);
  const lines: string[] = [];
  const port = await new Promise<number>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
  });
  return { process: child, port, lines, ended };
}

/** Sends a text on a connection of its own, and gives all that comes back until the server ends it. */
async function exchange(port: number, text: string, drip?: string): Promise<string> {
  const socket: Socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.on("data", (data) => {
    answer += data;
  });
  // Who drips may be reset: what came before counts.
  socket.on("error", () => undefined);
  socket.write(text);
  const timer = setInterval(() => drip !== undefined && socket.write(drip), 300);
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(timer);
  return answer;
}

function requestIdOf(answer: string): string | undefined {
  return /^x-request-id: (\S+)/im.exec(answer)?.[1];
}

const HOST = "Host: localhost\r\n";
const LAST = "Connection: close\r\n";

describe.skipIf(whyNoBun() !== undefined)("the listener on Bun", () => {
  const listener = () => start(BUN, [path("bun-listener.ts")], {});

  test("answers a failure of ours and a Host that is none in JSON, without what failed", async () => {
    const { port, lines } = await listener();
    const thrown = await exchange(port, `GET /throw HTTP/1.1\r\n${HOST}${LAST}\r\n`);
    expect(thrown).toMatch(/^HTTP\/1.1 500 [\s\S]*"message":"Something went wrong inside the server."/);
    expect(thrown).not.toContain("secret");
    const line = lines.find((each) => each.includes("a secret of the server"));
    expect(JSON.parse(line ?? "{}")).toMatchObject({ level: "error", request_id: requestIdOf(thrown) });
    const target = await exchange(port, `GET / HTTP/1.1\r\nHost: a b\r\n${LAST}\r\n`);
    expect(target).toMatch(
      /^HTTP\/1.1 400 [\s\S]*"message":"The target or the Host header of the request is not valid."/,
    );
  });

  test("ends clients that send too slowly, and lets work take longer than that", async () => {
    const { port } = await listener();
    const body = `${HOST}Content-Length: 1000\r\n\r\n`;
    const slow = [
      exchange(port, "GET / HTTP/1.1\r\nHos"),
      exchange(port, `GET / HTTP/1.1\r\n${HOST}X: `, "x"),
      exchange(port, `POST / HTTP/1.1\r\n${body}abc`),
      exchange(port, `POST / HTTP/1.1\r\n${body}`, "x"),
      exchange(port, `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`, "1\r\nx\r\n"),
    ];
    const work = [
      exchange(port, `GET /after?9000 HTTP/1.1\r\n${HOST}${LAST}\r\n`),
      exchange(port, `POST /after?9000 HTTP/1.1\r\n${HOST}${LAST}Content-Length: 3\r\n\r\nabc`),
    ];
    expect((await Promise.all(slow)).filter((answer) => answer.includes(" 200 "))).toEqual([]);
    for (const answer of await Promise.all(work)) expect(answer).toMatch(/ 200 OK\r\n[\s\S]*done$/);
  });

  test("finishes what runs when it closes, tells its clients, and cuts and counts what takes too long", async () => {
    const { process, port, lines, ended } = await listener();
    const request = (ms: number) => exchange(port, `GET /after?${ms} HTTP/1.1\r\n${HOST}\r\n`);
    const answers = [request(1000), request(60_000)];
    await expect.poll(() => lines.filter((line) => line.startsWith("working")).length).toBe(2);
    process.kill("SIGTERM");
    expect(await Promise.all(answers)).toEqual([expect.stringMatching(/Connection: close\r\n[\s\S]*done$/), ""]);
    expect(await ended).toBe(0);
    expect(lines).toContain("cut 1");
  });
});

describe.skipIf(whyNoBun() !== undefined)("Millrace on Bun", () => {
  test("refuses a body that is too large itself, with or without its length", async () => {
    const house = await startHouse({}, "bun");
    const body = "x".repeat(11 * 1024 * 1024);
    const tooLarge = "The body of the request is larger than 10485760 bytes.";
    const known = await house.ask("POST", "system/role", { body });
    expect([known.status, known.body.error.message]).toEqual([413, tooLarge]);
    const streamed = await fetch(`${house.url}/api/v2/system/role`, {
      method: "POST",
      headers: { Authorization: `Bearer ${house.token}` },
      body: new Blob([body]).stream(),
      duplex: "half",
    } as RequestInit);
    expect([streamed.status, (await streamed.json()).error.message]).toEqual([413, tooLarge]);
    await house.close();
  });

  test("started by npm ends on SIGTERM and resets nobody who keeps a connection", async () => {
    const folder = mkdtempSync(join(tmpdir(), "millrace-bun-"));
    const { process, port, ended } = await start("npm", ["run", "start:bun"], {
      PORT: "0",
      DATABASE_URL: `sqlite:${folder}/millrace.db`,
    });
    const clients = askUntilTold(port, 8);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    process.kill("SIGTERM");
    expect(new Set(await clients)).toEqual(new Set(["close"]));
    expect(await ended).toBe(0);
    rmSync(folder, { recursive: true });
  });
});

/** Clients that keep their connections and ask again and again: why each of them stopped. */
function askUntilTold(port: number, clients: number): Promise<readonly string[]> {
  const ask = (agent: Agent) =>
    new Promise<string | undefined>((resolve, reject) => {
      get({ port, host: "127.0.0.1", path: "/api/v2", agent }, (response) => {
        response.resume();
        response.once("end", () => resolve(response.headers.connection));
      }).once("error", reject);
    });
  const client = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (;;) {
      const told = await ask(agent).catch((error: NodeJS.ErrnoException) => error.code ?? error.message);
      if (told !== undefined && told !== "keep-alive") return told;
      await new Promise((resolve) => setTimeout(resolve, 20 * Math.random()));
    }
  };
  return Promise.all(Array.from({ length: clients }, client));
}
