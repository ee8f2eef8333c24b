import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startServer } from "../../src/runtime/node.ts";
import type { RunningServer } from "../../src/runtime/server/server.ts";

const run = promisify(execFile);
const SECRET = "a master secret for tests, of no worth to anybody";

let folder: string;
let lines: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-start-"));
  lines = [];
});

afterEach(() => rmSync(folder, { recursive: true }));

function start(env: Readonly<Record<string, string>> = {}): Promise<RunningServer> {
  const home = { PORT: "0", DATABASE_URL: `sqlite:${folder}/millrace.db` };
  return startServer({ ...home, ...env }, (line) => lines.push(line));
}

describe("the first start", () => {
  test("makes a store, a master key for its owner alone, an administrator and a sample", async () => {
    const server = await start();
    expect(server.first.admin).toEqual({ email: "admin@example.com", password: expect.stringMatching(/^.{16,}$/) });
    expect(server.first.sampleKey).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(join(folder, "secret")).mode & 0o777).toBe(0o600);
    expect(existsSync(join(folder, "sample.db"))).toBe(true);
    const headers = { "X-API-Key": server.first.sampleKey ?? "" };
    const answer = await fetch(`${server.url}/api/v2/db/_table/employees?limit=3`, { headers });
    expect(answer.status).toBe(200);
    await server.close();
  });

  test("tells its secrets once", async () => {
    await (await start()).close();
    const again = await start();
    expect(again.first).toEqual({});
    await again.close();
  });

  test("makes the administrator that the environment names, and no sample where it is switched off", async () => {
    const server = await start({
      MILLRACE_ADMIN_EMAIL: "Ada@Example.com",
      MILLRACE_ADMIN_PASSWORD: "correct horse battery",
      MILLRACE_SAMPLE: "off",
    });
    expect(server.first).toEqual({ admin: { email: "ada@example.com" } });
    const login = await fetch(`${server.url}/api/v2/system/admin/session`, {
      method: "POST",
      body: JSON.stringify({ email: "ada@example.com", password: "correct horse battery" }),
    });
    expect(login.status).toBe(200);
    await server.close();
  });

  test("prints no secret to the log", async () => {
    const server = await start({ LOG_LEVEL: "debug" });
    const { admin, sampleKey = "none" } = server.first;
    expect(lines.join("\n")).not.toContain(sampleKey);
    expect(lines.join("\n")).not.toContain(admin?.password ?? "none");
    await server.close();
  });
});

describe("a start that can not succeed says in one sentence why", () => {
  test.each([
    [{ PORT: "many" }, "The environment variable PORT must be a port number."],
    [{ PORT: "70000" }, "The environment variable PORT must be a port number."],
    [{ LOG_LEVEL: "loud" }, "The environment variable LOG_LEVEL must be one of debug, info, warn, error."],
    [{ MILLRACE_SECRET: "short" }, "The environment variable MILLRACE_SECRET must have at least 32 characters."],
    [{ MILLRACE_SECRET: " ".repeat(40) }, "The environment variable MILLRACE_SECRET must have at least 32 characters."],
    [
      { DATABASE_URL: "postgres://[bad", MILLRACE_SECRET: SECRET },
      "The environment variable DATABASE_URL must be a URL such as postgres://user:password@host/database.",
    ],
    [
      { DATABASE_URL: "sqlite:" },
      "The environment variable DATABASE_URL must be a URL such as postgres://user:password@host/database.",
    ],
    [{ MILLRACE_ADMIN_EMAIL: "nobody" }, "The environment variable MILLRACE_ADMIN_EMAIL must be an e-mail address."],
    [
      { MILLRACE_ADMIN_PASSWORD: "short" },
      "The environment variable MILLRACE_ADMIN_PASSWORD must have at least 16 characters.",
    ],
    [
      { DATABASE_URL: "oracle://x" },
      "The environment variable DATABASE_URL names a database that can not hold the settings: 'oracle:'.",
    ],
    [
      { DATABASE_URL: "postgres://u:p@127.0.0.1:1/d" },
      "The environment variable MILLRACE_SECRET must be set, as the store is not an embedded one.",
    ],
    [
      { DATABASE_URL: "postgres://u:p@127.0.0.1:1/d", MILLRACE_SECRET: SECRET },
      "The database that DATABASE_URL names can not be used. The connection was refused: nothing listens at this host and port.",
    ],
  ])("%j", async (env, sentence) => {
    await expect(start(env)).rejects.toThrow(sentence);
  });

  test("when the master key of a store is gone, instead of making another", async () => {
    await (await start()).close();
    rmSync(join(folder, "secret"));
    await expect(start()).rejects.toThrow(/The master key .*secret is missing/);
    expect(existsSync(join(folder, "secret"))).toBe(false);
  });

  test.each(["", "   \n", "too short"])("when the file of the master key holds %j", async (key) => {
    writeFileSync(join(folder, "secret"), key);
    await expect(start()).rejects.toThrow(/The master key .*secret must have at least 32 characters/);
  });

  test("when the port is taken, and then has made nothing whose password nobody saw", async () => {
    const taken = await new Promise<Server>((resolve) => {
      const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
    });
    const { port } = taken.address() as { port: number };
    await expect(start({ PORT: String(port) })).rejects.toThrow("something else listens there; choose another by PORT");
    taken.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("when the sample can not be made, and then has made no administrator", async () => {
    symlinkSync(join(folder, "nowhere", "x.db"), join(folder, "sample.db"));
    await expect(start()).rejects.toThrow();
    rmSync(join(folder, "sample.db"));
    const server = await start();
    expect(server.first.admin?.password).toMatch(/^.{16,}$/);
    await server.close();
  });
});

describe("starts at the same time", () => {
  test("take the same master key, and leave no draft of it", async () => {
    const script = `import { masterSecret } from ${JSON.stringify(new URL("../../src/runtime/server/master-key.ts", import.meta.url).href)};
      console.log(masterSecret({ DATABASE_URL: "sqlite:${folder}/millrace.db" }));`;
    const runs = Array.from({ length: 4 }, () => run(process.execPath, ["--input-type=module", "-e", script]));
    const keys = (await Promise.all(runs)).map(({ stdout }) => stdout.trim());
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(readdirSync(folder)).toEqual(["secret"]);
  });
});

describe("variables that nothing reads yet", () => {
  test("are said to have no effect", async () => {
    const server = await start({ REDIS_URL: "redis://x", MILLRACE_TRUST_PROXY: "1", MILLRACE_SAMPLE: "off" });
    await server.close();
    const warned = lines.map((line) => JSON.parse(line)).filter(({ level }) => level === "warn");
    expect(warned.map(({ message }) => message)).toEqual([
      "The environment variable REDIS_URL has no effect yet.",
      "The environment variable MILLRACE_TRUST_PROXY has no effect yet.",
    ]);
  });
});

describe("a close", () => {
  test("lets a request that has begun finish, and then listens no more", async () => {
    const server = await start();
    const pending = request(`${server.url}/api/v2/system/admin/session`, { method: "POST" });
    const answered = once(pending, "response");
    pending.write('{"email":');
    await expect.poll(() => isServing(server.url)).toBe(true);
    const closed = server.close();
    pending.end('"nobody@example.com","password":"x"}');
    const [response] = (await answered) as [IncomingMessage];
    expect(response.statusCode).toBe(401);
    response.resume();
    await closed;
    await expect(fetch(`${server.url}/livez`)).rejects.toThrow();
  });
});

/** Whether the server answers, and so has taken what was sent to it before. */
async function isServing(url: string): Promise<boolean> {
  return (await fetch(`${url}/livez`)).ok;
}
