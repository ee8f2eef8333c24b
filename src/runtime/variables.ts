import * as v from "valibot";
import { LOG_LEVELS } from "../contract/runtime.ts";

const Variables = v.object({
  HOST: v.optional(v.pipe(v.string(), v.nonEmpty("must not be empty")), "127.0.0.1"),
  PORT: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,5}$/, "must be a port number"),
      v.transform(Number),
      v.maxValue(65_535, "must be a port number"),
    ),
    "8080",
  ),
  DATABASE_URL: v.optional(
    v.pipe(v.string(), v.regex(/^[a-z]+:/, "must be a URL such as sqlite:data/millrace.db")),
    "sqlite:data/millrace.db",
  ),
  MILLRACE_SECRET: v.optional(v.pipe(v.string(), v.minLength(32, "must have at least 32 characters"))),
  MILLRACE_ADMIN_EMAIL: v.optional(v.pipe(v.string(), v.trim(), v.toLowerCase(), v.email("must be an e-mail address"))),
  MILLRACE_ADMIN_PASSWORD: v.optional(v.pipe(v.string(), v.minLength(16, "must have at least 16 characters"))),
  MILLRACE_SAMPLE: v.optional(v.picklist(["on", "off"], "must be on or off")),
  LOG_LEVEL: v.optional(v.picklist(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(", ")}`), "info"),
});

/** The settings that come from the environment. */
export type Variables = v.InferOutput<typeof Variables>;

/** Reads the environment. Raises an Error whose one sentence names the variable that is wrong. */
export function readVariables(env: Readonly<Record<string, string | undefined>>): Variables {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const result = v.safeParse(Variables, given, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Error(`The environment variable ${v.getDotPath(issue)} ${issue.message}.`);
}
