import { type FullQueryResults, neon, neonConfig } from "@neondatabase/serverless";
import { Fault } from "../../src/contract/fault.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import type { Driver, Result, Statement } from "../../src/db/sql/driver.ts";
import type { PgQuery } from "../pgsql/client.ts";
import type { Target } from "../pgsql/target.ts";
import { httpError, isTooLarge } from "./errors.ts";
import type { NeonDriverSettings } from "./settings.ts";

type Execute = Driver["execute"];
type OneQuery = Pick<Statement, "text"> & { readonly values?: Statement["values"] };
type Init = RequestInit & { readonly endpoint?: string };

/** The server ends a statement at its time; when it does not, the request is broken off this much later. */
const GRACE_MS = 1_000;
/** Cells stay the text that the server wrote. */
const PER_QUERY = { types: { getTypeParser: () => (text: string) => text } };

// The library's configuration is one for all services: so the address of a proxy travels with each request.
neonConfig.fetchFunction = (address: string, { endpoint, ...init }: Init) => fetch(endpoint ?? address, init);

/**
 * Runs each statement by one request, never a second time: after what opens it, in a transaction of its own. What is too
 * large for HTTP has been undone, and goes by a session. Raises DatabaseError.
 */
export function executeOverHttp(settings: NeonDriverSettings, opening: readonly PgQuery[], sessions: Driver): Execute {
  const sql = neon(urlOf(settings.target), { arrayMode: true, fullResults: true });
  const queryOf = ({ text, values = [] }: OneQuery) => sql.query(text, [...values], PER_QUERY);
  const limitMs = settings.waitMs + settings.statementTimeoutMs + GRACE_MS;
  return async (statement, stop) => {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(limitMs)]);
    try {
      const fetchOptions = fetchOptionsOf(settings, signal);
      const results = await sql.transaction([...opening, statement].map(queryOf), { fetchOptions });
      return resultOf(results.at(-1));
    } catch (error) {
      if (isTooLarge(error)) return sessions.execute(statement, stop);
      throw signal.aborted ? new DatabaseError("timeout", { cause: error }) : httpError(error);
    }
  };
}

/** A redirect is not followed: the password would go with it. */
function fetchOptionsOf({ proxy }: NeonDriverSettings, signal: AbortSignal): Init {
  return { signal, redirect: "manual", ...(proxy && { endpoint: new URL("sql", proxy).href }) };
}

/** Whole and checked here: the library does not escape `%`, and says a URL that it can not read in full. Raises `bad_request`. */
function urlOf({ host, port, database, user, password, applicationName }: Target): string {
  const [as, by, to, name] = [user, password, database, applicationName].map(encodeURIComponent);
  const at = host.includes(":") ? `[${host}]` : host;
  const url = `//${as}:${by}@${at}:${port}/${to}?application_name=${name}`;
  if (!URL.canParse(`http:${url}`)) throw new Fault("bad_request", "The service has no valid host name.");
  return `postgresql:${url}`;
}

function resultOf(result: FullQueryResults<true> | undefined): Result {
  if (result === undefined) throw new TypeError("The answer holds no result.");
  const { rows, rowCount, fields } = result;
  return { rows, affected: rowCount ?? 0, types: fields.map((field) => field.dataTypeID), fields };
}
