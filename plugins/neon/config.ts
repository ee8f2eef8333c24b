import * as v from "valibot";
import { pgConfig } from "../pgsql/config.ts";

/** The config of PostgreSQL, and what Neon has besides. */
export const neonConfig = v.object({
  ...pgConfig.entries,
  proxy: v.optional(
    v.pipe(
      v.string(),
      v.check(isAddress, "must be an address such as http://localhost:4444"),
      v.title("Proxy"),
      v.description(
        "On Workers: the address of a proxy that speaks Neon's protocols. Blank: that of Neon for the host.",
      ),
    ),
    "",
  ),
});

export type NeonConfig = v.InferOutput<typeof neonConfig>;

function isAddress(text: string): boolean {
  return text === "" || (URL.canParse(text) && /^https?:\/\/[^/?#@\\\s]+\/?$/.test(text));
}
