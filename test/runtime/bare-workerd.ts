import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "../servers/free-port.ts";
import { until } from "./until.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WORKERD = join(ROOT, "node_modules/workerd/bin/workerd");
const WRANGLER = join(ROOT, "node_modules/wrangler/bin/wrangler.js");

/** A Worker whose clients talk to workerd itself: what wrangler puts between hides from it that a client went away. */
export interface BareWorkerd {
  readonly url: string;
  close(): Promise<void>;
}

/** Builds the Worker as for a deployment, and serves it with these variables. */
export async function startBareWorkerd(vars: Readonly<Record<string, string>>): Promise<BareWorkerd> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-workerd-"));
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" };
  await promisify(execFile)(process.execPath, [WRANGLER, "deploy", "--dry-run", "--outdir", folder], {
    cwd: ROOT,
    env,
  });
  const port = await freePort();
  writeFileSync(join(folder, "workerd.capnp"), configOf(vars, port));
  const workerd = spawn(WORKERD, ["serve", join(folder, "workerd.capnp")], { stdio: "inherit" });
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${url}/livez`).catch(() => undefined))?.ok === true);
  return { url, close: () => end(workerd, folder) };
}

async function end(workerd: ChildProcess, folder: string): Promise<void> {
  const gone = once(workerd, "exit");
  workerd.kill("SIGKILL");
  await gone;
  rmSync(folder, { recursive: true });
}

/** The date and flags are those of the deployment. */
function configOf(vars: Readonly<Record<string, string>>, port: number): string {
  const [date = "", flags = ""] = ["date", "flags"].map(
    (name) =>
      new RegExp(`^compatibility_${name} = (.*)$`, "m").exec(readFileSync(join(ROOT, "wrangler.toml"), "utf8"))?.[1],
  );
  const bindings = Object.entries(vars).map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "workers.js", esModule = embed "workers.js")],
      compatibilityDate = ${date},
      compatibilityFlags = ${flags},
      bindings = [${bindings.join(", ")}],
    )),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`;
}
