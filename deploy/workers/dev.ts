import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { FirstStart } from "../../src/runtime/first/first-start.ts";
import { greeting } from "../../src/runtime/first/greeting.ts";
import { listenError, urlOf } from "../../src/runtime/server/listen.ts";
import { readVariables, type Variables } from "../../src/runtime/variables.ts";
import { readDevVars } from "./dev-vars.ts";
import { endWrangler, ROOT, startWrangler } from "./wrangler.ts";

/** Where the secrets of the local Worker are kept: beside its configuration, where wrangler finds them. */
const VARS = "deploy/workers/.dev.vars";
const START_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** Serves Millrace on workerd, without an account and with local databases, until the process is told to end. */
async function serve(): Promise<void> {
  const { HOST, PORT } = process.env;
  const secrets = readDevVars(join(ROOT, VARS));
  const variables = readVariables({ ...secrets, HOST, PORT });
  await demandFree(variables);
  const wrangler = startWrangler(commandOf(variables));
  endWith(wrangler);
  const url = urlOf(variables.HOST, variables.PORT);
  try {
    await Promise.race([begin(url), failure(wrangler)]);
    console.log(`\n${greeting({ url, first: await whatWorks(url, variables), remark: `kept in ${VARS}` })}`);
  } catch (error) {
    await endWrangler(wrangler);
    throw error;
  }
}

function commandOf({ HOST, PORT }: Variables): readonly string[] {
  const config = ["--config", "deploy/workers/wrangler.dev.toml", "--persist-to", ".wrangler/state"];
  const place = ["--ip", HOST, "--port", String(PORT), "--inspector-port", "0"];
  return ["dev", "--local", ...config, ...place, "--show-interactive-dev-session=false"];
}

/** Else whoever listens there would be taken for the Worker. */
async function demandFree(variables: Variables): Promise<void> {
  const probe = createServer();
  probe.listen(variables.PORT, variables.HOST);
  await once(probe, "listening").catch((error: unknown) => {
    throw listenError(error, variables);
  });
  probe.close();
  await once(probe, "close");
}

/** Waits until the Worker runs, and has it open its store, which is made at the first start. */
async function begin(url: string): Promise<void> {
  const deadline = Date.now() + START_WITHIN_MS;
  while (!(await fetch(`${url}/livez`).catch(() => undefined))?.ok) {
    if (Date.now() > deadline) throw new Error("The Worker did not start in time.");
    await sleep(LOOK_EVERY_MS);
  }
  const { ok } = await fetch(`${url}/readyz`);
  if (!ok)
    throw new Error(`Millrace can not start; its last message above says why. What it is given stands in ${VARS}.`);
}

async function failure(wrangler: ChildProcess): Promise<never> {
  await once(wrangler, "exit");
  throw new Error("wrangler has ended; its last message above says why.");
}

/** What a person can begin with: a password or key that was changed since is not told. */
async function whatWorks(url: string, variables: Variables): Promise<FirstStart> {
  const { MILLRACE_ADMIN_EMAIL: email = "admin@example.com", MILLRACE_ADMIN_PASSWORD: password = "" } = variables;
  const { MILLRACE_SAMPLE_KEY: sampleKey = "" } = variables;
  const body = JSON.stringify({ email, password });
  const login = await fetch(`${url}/api/v2/system/admin/session`, { method: "POST", body });
  const headers = { "X-API-Key": sampleKey };
  const sample = await fetch(`${url}/api/v2/db/_table/employees?limit=1`, { headers });
  return { ...(login.ok && { admin: { email, password } }), ...(sample.ok && { sampleKey }) };
}

/** Ends with wrangler, and wrangler with this process, by whatever either is ended. */
function endWith(wrangler: ChildProcess): void {
  let isStopping = false;
  const stop = () => {
    // One press of Ctrl-C comes twice: from the terminal, and from npm.
    if (isStopping) return;
    isStopping = true;
    // Its end is no failure now.
    wrangler.removeAllListeners("exit");
    endWrangler(wrangler).then(() => process.exit(0));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  wrangler.once("exit", (code) => {
    process.exitCode = code ?? 1;
  });
}

serve().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
