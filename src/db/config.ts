import * as v from "valibot";
import { flag, wholeNumber } from "../lib/schema.ts";

/** A text that is encrypted in the store and masked on the way out. */
export const secretText = (title: string, description: string) =>
  v.pipe(v.string(), v.title(title), v.description(description), v.metadata({ secret: true, type: "password" }));

const text = (title: string, description: string) => v.pipe(v.string(), v.title(title), v.description(description));
/** A whole number with what a form says of it. */
export const count = (title: string, description: string, least: number, most: number) =>
  v.pipe(wholeNumber(least), v.maxValue(most, `must be at most ${most}`), v.title(title), v.description(description));

/** Times are bounded: a timer of more than 24.8 days runs off at once. */
const DAY_MS = 86_400_000;
const WEEK_S = 604_800;
/** The longest wait that a service may be told to make a request wait. */
export const MOST_WAIT_MS = 600_000;
const MOST_CONNECTIONS = 1_000;
const MOST_RECORDS = 100_000;

const waitText = "Milliseconds that a request waits for a free or new connection.";

/** The config that every database service has. */
export const databaseConfig = {
  statements: v.optional(
    v.pipe(
      v.array(v.string()),
      v.title("Statements"),
      v.description("SQL that is run on every new connection, such as SET search_path TO public, postgis."),
    ),
    [],
  ),
  max_records: v.optional(
    count("Maximum records", "How many records a read gives when the request sets no limit.", 1, MOST_RECORDS),
    1000,
  ),
  allow_upsert: v.optional(
    v.pipe(flag, v.title("Allow upsert"), v.description("PUT and PATCH of a key that is missing create the record.")),
    false,
  ),
  exact_numbers: v.optional(
    v.pipe(
      v.picklist(["number", "string"]),
      v.title("Exact numbers"),
      v.description("Write bigint and decimal values as JSON numbers with all their digits, or as strings."),
    ),
    "number",
  ),
  schema_refresh_s: v.optional(
    count(
      "Schema refresh",
      "Read the schema again after this many seconds. 0: only when something seems to have changed.",
      0,
      WEEK_S,
    ),
    0,
  ),
  cache_enabled: v.optional(
    v.pipe(
      flag,
      v.title("Cache"),
      v.description("Keep answers to reads for a while; a write through Millrace ends that."),
    ),
    false,
  ),
  cache_ttl: v.optional(
    count("Cache time", "Seconds that an answer is kept: changes made past Millrace show that much later.", 1, WEEK_S),
    60,
  ),
  statement_timeout_ms: v.optional(
    count("Statement timeout", "Milliseconds that one statement may take.", 1, DAY_MS),
    30_000,
  ),
};

/** The config of a database that is reached over the network. */
export const serverConfig = {
  ...databaseConfig,
  schema: v.optional(
    text(
      "Schema",
      "Blank: the default schema of the database. '*': all. Else one name, or several with commas between.",
    ),
    "",
  ),
  pool: v.optional(
    v.pipe(
      v.object({
        max: v.optional(count("Connections", "Most connections that are open at once.", 1, MOST_CONNECTIONS), 10),
        wait_ms: v.optional(count("Wait", waitText, 1, MOST_WAIT_MS), 5_000),
      }),
      v.title("Pool"),
      v.description("How many connections there are, and how long a request waits for one."),
    ),
    { max: 10, wait_ms: 5_000 },
  ),
  hyperdrive: v.optional(
    text("Hyperdrive", "On Workers: the name of a Hyperdrive binding, which gives the address; it overrides the rest."),
  ),
  host: v.optional(text("Host", "Name or address of the server.")),
  port: v.optional(v.pipe(wholeNumber(1), v.maxValue(65_535), v.title("Port"), v.description("Port of the server."))),
  database: v.optional(text("Database", "Name of the database.")),
  username: v.optional(text("User name", "The account that Millrace uses.")),
  password: v.optional(secretText("Password", "The password of the account.")),
  dsn: v.optional(
    secretText(
      "Connection URL",
      "One URL instead of host, port, database, user name and password, which it overrides.",
    ),
  ),
  ssl: v.optional(
    v.pipe(
      v.object({
        mode: v.optional(
          v.pipe(
            v.picklist(["disable", "prefer", "require", "verify-ca", "verify-full"]),
            v.title("Mode"),
            v.description("How far the connection is secured, in the terms of libpq."),
          ),
          "prefer",
        ),
        ca: v.optional(text("CA certificate", "PEM text of the certificate authority to trust.")),
        cert: v.optional(text("Client certificate", "PEM text of the certificate that Millrace shows.")),
        key: v.optional(secretText("Client key", "PEM text of its private key.")),
      }),
      v.title("TLS"),
      v.description("How the connection is secured."),
    ),
    { mode: "prefer" },
  ),
};

const databaseSchema = v.object(databaseConfig);
const serverSchema = v.object(serverConfig);
export interface DatabaseConfig extends v.InferOutput<typeof databaseSchema> {
  /** Where the connections are held by the process; `max` is missing where there is one. */
  readonly pool?: { readonly max?: number; readonly wait_ms: number };
}
export type ServerConfig = v.InferOutput<typeof serverSchema>;

/** `schema` as a list: empty = the default one, `["*"]` = all. */
export function schemaNames(schema: string): readonly string[] {
  return schema
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
