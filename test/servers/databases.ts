import { randomBytes } from "node:crypto";
import { createConnection } from "mysql2/promise";
import { Client } from "pg";
import type { ProvidedServer } from "./server.ts";

/** A row as the client library gives it. */
export type Row = Record<string, unknown>;

/** A database of one test file, empty at first, on a server that other files use too. */
export interface Database {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Runs one or more statements on a connection of their own; gives the rows of the last. */
  query(sql: string): Promise<readonly Row[]>;
  /** Removes the database, whoever is still connected. */
  drop(): Promise<void>;
}

/** Makes a database with a fresh name. Raises when the server is unavailable: a suite that needs it is skipped before. */
export async function createDatabase(server: ProvidedServer): Promise<Database> {
  if ("unavailable" in server) throw new Error(`There is no ${server.title}: ${server.unavailable}.`);
  const { run, defaultPort, drop } = clientOf(server.url);
  const database = `test_${randomBytes(6).toString("hex")}`;
  await run(server.url, `CREATE DATABASE ${database}`);
  const url = new URL(server.url);
  url.pathname = `/${database}`;
  return {
    url: url.href,
    host: url.hostname,
    port: Number(url.port || defaultPort),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database,
    query: (sql) => run(url.href, sql),
    drop: async () => {
      await run(server.url, drop(database));
    },
  };
}

interface SqlClient {
  readonly defaultPort: number;
  run(url: string, sql: string): Promise<readonly Row[]>;
  drop(database: string): string;
}

const POSTGRES: SqlClient = {
  defaultPort: 5432,
  run: runPostgres,
  drop: (database) => `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`,
};

const MARIADB: SqlClient = {
  defaultPort: 3306,
  run: runMariadb,
  drop: (database) => `DROP DATABASE IF EXISTS ${database}`,
};

function clientOf(url: string): SqlClient {
  return /^postgres(ql)?:/.test(url) ? POSTGRES : MARIADB;
}

async function runPostgres(url: string, sql: string): Promise<readonly Row[]> {
  const client = new Client({ connectionString: url });
  // Without a listener, a connection that breaks would end the tests' process.
  client.on("error", () => {});
  await client.connect();
  try {
    const results = [await client.query<Row>(sql)].flat();
    return results.at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}

const EXACT = { supportBigNumbers: true, bigNumberStrings: true, dateStrings: true } as const;

async function runMariadb(url: string, sql: string): Promise<readonly Row[]> {
  const connection = await createConnection({ uri: url, multipleStatements: true, ...EXACT });
  try {
    const [result, fields]: [unknown, unknown] = await connection.query(sql);
    const last = isListOfResults(fields) && Array.isArray(result) ? result.at(-1) : result;
    return Array.isArray(last) ? last : [];
  } finally {
    await connection.end();
  }
}

/** Several statements have a list of fields each (or none, where there are no rows); one statement has one list. */
function isListOfResults(fields: unknown): boolean {
  return Array.isArray(fields) && fields.some((each) => each === undefined || Array.isArray(each));
}
