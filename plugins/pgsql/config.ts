import * as v from "valibot";
import { serverConfig } from "../../src/db/config.ts";

/** The config of PostgreSQL and its relatives. */
export const pgConfig = v.object({
  ...serverConfig,
  sslmode: v.optional(
    v.pipe(
      v.picklist(["disable", "prefer", "require", "verify-ca", "verify-full"]),
      v.title("TLS mode"),
      v.description("How far the connection is secured; wins over the mode under TLS."),
    ),
  ),
  timezone: v.optional(
    v.pipe(
      v.string(),
      v.title("Time zone"),
      v.description("Time zone of the session, such as Europe/Paris. Blank: the one of the server."),
    ),
    "",
  ),
  application_name: v.optional(
    v.pipe(v.string(), v.title("Application name"), v.description("What the server's own monitoring shows.")),
    "millrace",
  ),
});

export type PgConfig = v.InferOutput<typeof pgConfig>;
export type TlsMode = PgConfig["ssl"]["mode"];
