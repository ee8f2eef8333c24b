import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { jsonLogger } from "../../src/runtime/log.ts";
import { startServer } from "../../src/runtime/node.ts";
import type { RunningServer } from "../../src/runtime/server/server.ts";
import { warnOfUnserved } from "../../src/runtime/variables.ts";
import { freePort } from "../servers/free-port.ts";

const PASSWORD = "a password for tests only";
const HOME = {
  PORT: "0",
  DATABASE_URL: "sqlite::memory:",
  MILLRACE_SECRET: "a master secret for tests, of no worth to anybody",
  MILLRACE_ADMIN_PASSWORD: PASSWORD,
  MILLRACE_SAMPLE: "off",
};

const start = (env: Readonly<Record<string, string>> = {}, write: (line: string) => void = () => {}) =>
  startServer({ ...HOME, METRICS_PORT: "0", ...env }, write);

/** The samples of a text in the format of Prometheus, by name and labels. */
async function read(server: RunningServer): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(server.metricsUrl ?? "")).text();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

function logIn(server: RunningServer, password: string) {
  const body = JSON.stringify({ email: "admin@example.com", password });
  return fetch(`${server.url}/api/v2/system/admin/session`, { method: "POST", body });
}

describe("metrics", () => {
  let server: RunningServer;
  let token: string;

  beforeAll(async () => {
    server = await start();
    token = (await (await logIn(server, PASSWORD)).json()).session_token;
  });
  afterAll(() => server?.close());

  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${server.url}/api/v2/${path}`, { ...init, headers: { Authorization: `Bearer ${token}` } });

  test("count requests by service, verb and status", async () => {
    const counted = 'millrace_http_requests_total{service="system",verb="GET",status="200"}';
    const before = (await read(server)).get(counted) ?? 0;
    for (let each = 0; each < 3; each++) await (await ask("system/role")).text();
    const after = await read(server);
    expect(after.get(counted)).toBe(before + 3);
    const bucket = 'millrace_http_request_duration_seconds_bucket{le="+Inf",service="system",verb="GET"}';
    expect(after.get(bucket)).toBeGreaterThanOrEqual(3);
    expect(after.get("millrace_http_requests_in_flight")).toBe(0);
  });

  test("give no label to names and verbs that callers make up", async () => {
    for (let each = 0; each < 20; each++) {
      await (await ask(`made-up-${each}/_table/x`)).text();
      await (await fetch(`${server.url}/api/v2/stranger-${each}`)).text();
    }
    await (await ask("system/role", { method: "OPTIONS" })).text();
    const names = [...(await read(server)).keys()];
    expect(names.join("\n")).not.toMatch(/made-up|stranger|OPTIONS/);
    expect(names).toContain('millrace_http_requests_total{service="-",verb="GET",status="404"}');
    expect(names).toContain('millrace_http_requests_total{service="-",verb="GET",status="401"}');
    expect(names).toContain('millrace_http_requests_total{service="-",verb="-",status="405"}');
  });

  test("count what databases say, and logins that are refused", async () => {
    const config = { host: "127.0.0.1", port: 1, username: "x", password: "x", database: "x" };
    const body = JSON.stringify({ name: "away", type: "pgsql", is_active: true, config });
    expect((await ask("system/service", { method: "POST", body })).status).toBe(201);
    expect((await ask("away/_table")).status).toBe(503);
    expect((await logIn(server, "wrong")).status).toBe(401);
    const samples = await read(server);
    expect(samples.get('millrace_service_errors_total{service="away",kind="unavailable"}')).toBe(1);
    expect(samples.get("millrace_login_failures_total")).toBe(1);
  });

  test("tell what runs, how fresh the settings are, and what the process uses", async () => {
    const samples = await read(server);
    const names = [...samples.keys()].join("\n");
    expect(names).toMatch(/^millrace_build_info\{version="\d+\.\d+\.\d+",runtime="node",runtime_version="24\./m);
    expect(names.match(/^millrace_settings_info\{version="/gm)).toHaveLength(1);
    const now = Date.now() / 1000;
    for (const name of ["read", "checked"]) {
      const time = samples.get(`millrace_settings_${name}_timestamp_seconds`) ?? 0;
      expect(time).toBeGreaterThan(now - 60);
      expect(time).toBeLessThanOrEqual(now);
    }
    expect(samples.get("process_cpu_seconds_total")).toBeGreaterThan(0);
    expect(samples.get("process_resident_memory_bytes")).toBeGreaterThan(0);
  });

  test("are served as the text format of Prometheus, at one path of their own port alone", async () => {
    const url = server.metricsUrl ?? "";
    expect((await fetch(url)).headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    for (const path of ["/", "/metrics/x", "/api/v2"]) expect((await fetch(new URL(path, url))).status).toBe(404);
    expect((await fetch(url, { method: "POST" })).status).toBe(404);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
  });
});

describe("the port of the metrics", () => {
  let other: Server | undefined;
  afterEach(() => other?.close());

  test("is not taken unless it is named", async () => {
    const server = await startServer(HOME, () => {});
    expect(server.metricsUrl).toBeUndefined();
    await server.close();
  });

  test("that is in use stops the start with a sentence, and leaves nothing listening", async () => {
    other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const taken = String((other.address() as AddressInfo).port);
    const free = await freePort();
    await expect(start({ METRICS_PORT: taken, PORT: String(free) })).rejects.toThrow(
      `Millrace can not serve metrics on 127.0.0.1:${taken}: something else listens there; choose another by METRICS_PORT.`,
    );
    await expect(fetch(`http://127.0.0.1:${free}/livez`)).rejects.toThrow();
  });

  test.each(["many", "70000", "-1"])("must be a port number: %s", async (port) => {
    await expect(start({ METRICS_PORT: port })).rejects.toThrow(
      "The environment variable METRICS_PORT must be a port number.",
    );
  });

  test("is let go with the rest", async () => {
    const server = await start();
    await (await fetch(server.metricsUrl ?? "")).text();
    await server.close();
    await expect(fetch(server.metricsUrl ?? "")).rejects.toThrow();
  });
});

describe("on Workers, where the platform listens and counts", () => {
  test("the variables of ports are said to have no effect, and elsewhere not", () => {
    const lines: string[] = [];
    const log = jsonLogger("info", (line) => lines.push(JSON.parse(line).message));
    const env = { PORT: "8080", METRICS_PORT: "9464", METRICS_HOST: "", DATABASE_URL: "d1:DB" };
    warnOfUnserved(env, log, "node");
    expect(lines).toEqual([]);
    warnOfUnserved(env, log, "workers");
    expect(lines).toEqual([
      "The environment variable PORT has no effect on Workers.",
      "The environment variable METRICS_PORT has no effect on Workers.",
    ]);
  });
});

describe("a start", () => {
  test("is one line of the log, with what runs and where", async () => {
    const lines: string[] = [];
    const server = await start({}, (line) => lines.push(line));
    await server.close();
    const [started] = lines.map((line) => JSON.parse(line)).filter(({ message }) => message === "Millrace serves.");
    expect(started).toEqual({
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      level: "info",
      message: "Millrace serves.",
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      runtime: "node",
      runtime_version: process.versions.node,
      url: server.url,
      metrics_url: server.metricsUrl,
    });
    expect(lines.join()).not.toContain(PASSWORD);
  });

  test("that waits for its store is alive, and not ready", async () => {
    const waiting: Socket[] = [];
    const silent = createTcpServer((socket) => waiting.push(socket)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const port = await freePort();
    const store = `postgres://x:x@127.0.0.1:${(silent.address() as AddressInfo).port}/x?sslmode=disable`;
    const starting = start({ PORT: String(port), DATABASE_URL: store }).then(
      () => undefined,
      (error: Error) => error,
    );
    const url = `http://127.0.0.1:${port}`;
    await expect.poll(() => statusOf(`${url}/livez`)).toBe(200);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, ready.headers.get("Retry-After")]).toEqual([503, "1"]);
    expect(await statusOf(`${url}/status`)).toBe(503);
    silent.close();
    for (const socket of waiting) socket.destroy();
    expect((await starting)?.message).toContain("The database that DATABASE_URL names can not be used.");
  });
});

describe("a stop", () => {
  test("is told by /readyz to those who are still connected, who are served all the same", async () => {
    const server = await start();
    const client = await connectTo(server);
    expect(await client.ask("/readyz")).toMatch(/^HTTP\/1\.1 200 /);
    const closed = server.close();
    expect(await client.ask("/readyz")).toMatch(/^HTTP\/1\.1 503 [\s\S]*Retry-After: 1\r\n/i);
    await closed;
  });
});

/** A connection that asks one thing after the other. */
async function connectTo(server: RunningServer) {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  const ask = async (path: string) => {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
    const [answer] = await once(socket, "data");
    return String(answer);
  };
  return { ask };
}

async function statusOf(url: string): Promise<number> {
  return fetch(url).then(
    ({ status }) => status,
    () => 0,
  );
}
