import * as v from "valibot";
import { LOG_LEVELS, type Logger, type RuntimeName } from "../contract/runtime.ts";

/** The environment of a process, or the texts that a Worker is bound to. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Names of the contract that nothing reads yet. */
const UNSERVED = ["REDIS_URL", "MILLRACE_TRUST_PROXY"];
/** On Workers the platform listens, and counts. */
const UNSERVED_ON_WORKERS = ["HOST", "PORT", "METRICS_HOST", "METRICS_PORT"];

/** Whether a text may be the master secret: 32 blanks are none. */
export function isMasterSecret(text: string): boolean {
  return text.trim().length >= 32;
}

/** A path needs no form, but has to be there; what names a server has to be a URL. */
function isStoreUrl(url: string): boolean {
  return /^sqlite:./.test(url) || (!url.startsWith("sqlite:") && URL.canParse(url));
}

const host = v.pipe(v.string(), v.nonEmpty("must not be empty"));
const port = v.pipe(
  v.string(),
  v.regex(/^\d{1,5}$/, "must be a port number"),
  v.transform(Number),
  v.maxValue(65_535, "must be a port number"),
);

const Variables = v.object({
  HOST: v.optional(host, "127.0.0.1"),
  PORT: v.optional(port, "8080"),
  METRICS_HOST: v.optional(host, "127.0.0.1"),
  METRICS_PORT: v.optional(port),
  DATABASE_URL: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[a-z][a-z0-9]*:/, "must be a URL such as sqlite:data/millrace.db"),
      v.check(isStoreUrl, "must be a URL such as postgres://user:password@host/database"),
    ),
    "sqlite:data/millrace.db",
  ),
  MILLRACE_SECRET: v.optional(v.pipe(v.string(), v.check(isMasterSecret, "must have at least 32 characters"))),
  MILLRACE_ADMIN_EMAIL: v.optional(v.pipe(v.string(), v.trim(), v.toLowerCase(), v.email("must be an e-mail address"))),
  MILLRACE_ADMIN_PASSWORD: v.optional(v.pipe(v.string(), v.minLength(16, "must have at least 16 characters"))),
  MILLRACE_SAMPLE: v.optional(v.picklist(["on", "off"], "must be on or off")),
  MILLRACE_SAMPLE_KEY: v.optional(
    v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hexadecimal digits")),
  ),
  LOG_LEVEL: v.optional(v.picklist(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(", ")}`), "info"),
});

/** The settings that come from the environment. */
export type Variables = v.InferOutput<typeof Variables>;

/** Reads the environment. Raises an Error whose one sentence names the variable that is wrong. */
export function readVariables(env: Env): Variables {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const result = v.safeParse(Variables, given, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Error(`The environment variable ${v.getDotPath(issue)} ${issue.message}.`);
}

/** Says of variables that are set in vain that they are. */
export function warnOfUnserved(env: Env, log: Logger, runtime?: RuntimeName): void {
  const isSet = (name: string) => env[name] !== undefined && env[name] !== "";
  for (const name of UNSERVED.filter(isSet)) log.log("warn", `The environment variable ${name} has no effect yet.`);
  if (runtime !== "workers") return;
  for (const name of UNSERVED_ON_WORKERS.filter(isSet))
    log.log("warn", `The environment variable ${name} has no effect on Workers.`);
}
