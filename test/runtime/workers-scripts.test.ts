import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDevVars } from "../../deploy/workers/dev-vars.ts";
import { freePort } from "../servers/free-port.ts";
import { until } from "./until.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TREE = ["src", "plugins", "deploy", "package.json", "wrangler.toml", "tsconfig.json"];
const VARS = "deploy/workers/.dev.vars";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-workers-"));
  const isMade = (path: string) => /\.wrangler|\.dev\.vars/.test(path);
  for (const name of TREE) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true, filter: (path) => !isMade(path) });
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

/** A home where nobody is logged in anywhere. */
const env = () => {
  const { CLOUDFLARE_API_TOKEN, CLOUDFLARE_API_KEY, ...rest } = process.env;
  return { ...rest, HOME: folder, XDG_CONFIG_HOME: folder };
};

describe("npm run dev:workers", () => {
  let script: ChildProcess | undefined;
  let output = "";
  afterAll(() => script?.kill("SIGKILL"));

  const start = (vars: Readonly<Record<string, string>>) => {
    output = "";
    script = spawn(process.execPath, ["deploy/workers/dev.ts"], { cwd: folder, env: { ...env(), ...vars } });
    for (const stream of [script.stdout, script.stderr]) stream?.on("data", (text) => (output += String(text)));
    return script;
  };
  const greeted = async () => {
    await until(async () => output.includes("curl -H"));
    const [, url, key] = /serves (\S+)\/api\/v2[\s\S]*API key of the sample: (\w+)/.exec(output) ?? [];
    return { url, key, password: /Password:\s+(\w+)/.exec(output)?.[1] };
  };
  const isOver = async (url: string | undefined) => !(await fetch(`${url}/livez`).catch(() => undefined));

  test("serves from nothing, greets with a line that works as pasted, and finds its store again", async () => {
    const PORT = String(await freePort());
    const first = start({ PORT });
    const { url, key, password } = await greeted();
    expect(url).toBe(`http://127.0.0.1:${PORT}`);
    const [line = ""] = /^ {2}curl .*$/m.exec(output) ?? [];
    const answer = JSON.parse(execFileSync("sh", ["-c", line], { encoding: "utf8", stdio: "pipe" }));
    expect(answer.resource).toHaveLength(3);
    expect(statSync(join(folder, VARS)).mode & 0o777).toBe(0o600);
    expect(password).toHaveLength(24);
    first.kill("SIGTERM");
    expect(await once(first, "exit")).toEqual([0, null]);
    expect(await isOver(url)).toBe(true);

    const second = start({ PORT });
    expect(await greeted()).toEqual({ url, key, password });
    // As Ctrl-C comes: from the terminal, and once more from npm.
    second.kill("SIGINT");
    second.kill("SIGINT");
    expect(await once(second, "exit")).toEqual([0, null]);
    expect(await isOver(url)).toBe(true);
  }, 120_000);

  test("says in one sentence that the port is taken or no port", async () => {
    const refusal = (PORT: string) => {
      const options = { cwd: folder, env: { ...env(), PORT }, encoding: "utf8", timeout: 20_000 } as const;
      const { status, stderr } = spawnSync(process.execPath, ["deploy/workers/dev.ts"], options);
      return [status, stderr.trim()];
    };
    expect(refusal("many")).toEqual([1, "The environment variable PORT must be a port number."]);
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const sentence = `Millrace can not listen on 127.0.0.1:${port}: something else listens there; choose another by PORT.`;
    expect(refusal(String(port))).toEqual([1, sentence]);
    server.close();
  });
});

test("secrets are added to a file of the developer only when nobody else can read it", () => {
  const path = join(folder, "given.vars");
  writeFileSync(path, "LOG_LEVEL=debug", { mode: 0o644 });
  const made = readDevVars(path);
  expect(made).toMatchObject({ LOG_LEVEL: "debug", MILLRACE_SECRET: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readDevVars(path)).toEqual(made);
});

describe("npm run deploy:workers", () => {
  const deploy = (...args: string[]) => {
    const options = { cwd: folder, env: env(), encoding: "utf8", timeout: 60_000 } as const;
    return spawnSync(process.execPath, ["deploy/workers/deploy.ts", ...args], options);
  };

  test("asks for a database first, and then for a login", () => {
    const { status, stderr } = deploy();
    expect([status, stderr]).toEqual([1, expect.stringContaining("npx wrangler d1 create millrace")]);
    const config = join(folder, "wrangler.toml");
    const text = readFileSync(config, "utf8");
    writeFileSync(config, text.replace(/database_id = .*/, 'database_id = "7d8f5a3c-0000-4000-8000-000000000001"'));
    const again = deploy();
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining("npx wrangler login")]);
    writeFileSync(config, text);
  }, 60_000);

  test("builds without an account when it is only tried, and carries nothing of the sample", () => {
    const { status, stdout } = deploy("--dry-run");
    expect([status, stdout]).toEqual([0, expect.stringContaining("env.DB (millrace)")]);
    expect(stdout).not.toContain("SAMPLE");
  }, 60_000);
});

test("what is tried locally runs as what is deployed does", () => {
  const shared = (name: string) => readFileSync(join(ROOT, name), "utf8").match(/^(name|compatibility_\w+) = .*$/gm);
  expect(shared("deploy/workers/wrangler.dev.toml")).toEqual(shared("wrangler.toml"));
  expect(shared("wrangler.toml")).toHaveLength(3);
});
