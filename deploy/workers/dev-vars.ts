import { randomBytes } from "node:crypto";
import { appendFileSync, chmodSync, existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import type { Env } from "../../src/runtime/variables.ts";

/** What a local Worker can not do without, made up by chance. */
const MADE: Readonly<Record<string, () => string>> = {
  MILLRACE_SECRET: () => randomBytes(32).toString("hex"),
  MILLRACE_ADMIN_PASSWORD: () => randomBytes(12).toString("hex"),
  MILLRACE_SAMPLE_KEY: () => randomBytes(32).toString("hex"),
};

/** The variables and secrets of the local Worker, by the file that holds them: what is missing there is made up and added. */
export function readDevVars(path: string): Env {
  const known = readVars(path);
  const lines = Object.entries(MADE).flatMap(([name, make]) => (known[name] ? [] : [`${name}=${make()}\n`]));
  if (lines.length > 0) addSecrets(path, lines.join(""));
  return readVars(path);
}

/** A file that somebody else made may be open to all, and a mode counts only for one that is new. */
function addSecrets(path: string, lines: string): void {
  if (existsSync(path)) chmodSync(path, 0o600);
  appendFileSync(path, `${isOpenEnded(path) ? "\n" : ""}${lines}`, { mode: 0o600 });
}

function readVars(path: string): Env {
  return existsSync(path) ? parseEnv(readFileSync(path, "utf8")) : {};
}

/** Whether the last line of the file would be continued by what is added. */
function isOpenEnded(path: string): boolean {
  return existsSync(path) && /[^\n]$/.test(readFileSync(path, "utf8"));
}
