import type { ServiceHost } from "../../contract/service.ts";
import type { Column, Introspection } from "../catalog.ts";
import type { Alter, Connector, Runner } from "../connector.ts";
import { DatabaseError } from "../errors.ts";
import { isExpressed } from "../extras/fields.ts";
import { makeCatalog } from "../introspect.ts";
import type { Outcome, Plan, ReadPlan, WritePlan } from "../plan/plan.ts";
import { compile } from "./compile.ts";
import { createStatements } from "./create.ts";
import { alterInTransaction } from "./ddl/alter.ts";
import { decodeRows } from "./decode-rows.ts";
import type { Dialect } from "./dialect.ts";
import type { Driver, Execute, Inside, Result } from "./driver.ts";
import type { Embedding } from "./embedding.ts";
import { estimating } from "./estimate.ts";
import { pages } from "./pages.ts";
import { withQueryLog } from "./query-log.ts";
import { isOneStatement, readRelated, withEmbedded } from "./related.ts";
import { routinesOf, type SqlRoutines } from "./routines.ts";
import { savepoint } from "./savepoint.ts";
import { streamRows } from "./stream-rows.ts";
import { isSilent, isSingleStatement, runSilent } from "./without-returning.ts";

export type { Execute } from "./driver.ts";

/** The parts that make an SQL database. */
export interface SqlParts {
  readonly dialect: Dialect;
  /** Whether bigint and decimal leave as JSON numbers with all their digits, or as strings. */
  readonly exactNumbers: "number" | "string";
  readonly driver: Driver;
  /** Reads the catalog of the database. */
  introspect(execute: Execute): Promise<Introspection>;
  /** Finds and calls routines, where the database has any. */
  readonly routines?: SqlRoutines;
  /** Changes the schema, where that is not one transaction of a statement for each change. */
  alter?(dialect: Dialect, driver: Driver): Alter;
  /** Runs plans in one transaction, where the database can not hold one open. */
  readonly batch?: (plans: readonly WritePlan[], dialect: Dialect, signal: AbortSignal) => Promise<readonly Outcome[]>;
}

/** A connector for a database that speaks SQL: compiles each plan to one statement, or to a short transaction where it must. */
export function sqlConnector(parts: SqlParts, host?: ServiceHost): Connector {
  const driver = host === undefined ? parts.driver : withQueryLog(parts.driver, host);
  const dialect = parts.exactNumbers === "string" ? withExactStrings(parts.dialect) : parts.dialect;
  const { batch } = parts;
  const runner = (target: Pick<Driver, "execute">, isInside: boolean) => async (plan: Plan, signal: AbortSignal) => {
    const execute: Execute = (statement) => target.execute(statement, signal);
    if (!isSilent(plan, dialect)) return runPlan(plan, dialect, execute);
    if (isInside || isSingleStatement(plan)) return runSilent(plan, dialect, execute);
    return driver.transaction((inside) => runSilent(plan, dialect, (each) => inside.execute(each, signal)), signal);
  };
  const runOutside = runner(driver, false);
  const within = (inside: Inside, depth: number): Runner => ({
    run: runner(inside, true),
    transaction: (work, signal) => savepoint(inside, depth, () => work(within(inside, depth + 1)), signal),
  });
  return {
    maxValues: dialect.maxValues,
    bulkValues: dialect.bulkValues ?? dialect.maxValues,
    introspect: async (signal) => makeCatalog(await parts.introspect((each) => driver.execute(each, signal)), dialect),
    run: (plan, signal) => againIfDeadlocked(() => runOutside(plan, signal)),
    ...(parts.routines && routinesOf(parts.routines, driver, dialect)),
    ...(batch && { batch: (plans, signal) => batch(plans, dialect, signal) }),
    stream: (plan, signal) => {
      const run = (page: ReadPlan) => runOutside(page, signal);
      if (!isOneStatement(plan, dialect)) return pages(plan, run, dialect);
      const outcome = (result: Result) => withEmbedded(plan, result, rowsOutcome(result, plan.columns, true, dialect));
      return streamRows({ driver, plan, dialect, outcome, run }, signal);
    },
    ...estimating(driver, dialect),
    transaction: (work, signal) =>
      againIfDeadlocked(() => driver.transaction((inside) => work(within(inside, 1)), signal)),
    alter: parts.alter?.(dialect, driver) ?? alterInTransaction(dialect, driver),
    create: async (table, signal) => {
      for (const statement of createStatements(table, dialect)) await driver.execute(statement, signal);
    },
    close: () => driver.close(),
  };
}

const ATTEMPTS = 6;
/** Those who lost together would meet again if they came back together: each waits a random part of this, and longer each time. */
const PAUSE_MS = 10;

/** Whoever loses a deadlock has changed nothing, and mostly finds the way free the next time. */
async function againIfDeadlocked<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof DatabaseError && error.kind === "deadlock")) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.random() * PAUSE_MS * attempt));
  }
}

/** Runs a plan that is one statement. */
async function runPlan(plan: Plan, dialect: Dialect, execute: Execute): Promise<Outcome> {
  if (plan.kind === "read" && plan.related?.length) {
    const outcome = (result: Result, columns: readonly Column[]) => rowsOutcome(result, columns, true, dialect);
    return readRelated(plan, { dialect, execute, outcome });
  }
  const result = await execute(compile(plan, dialect));
  return plan.kind === "count"
    ? countOutcome(result)
    : rowsOutcome(result, columnsOf(plan), plan.kind === "read", dialect);
}

function columnsOf(plan: Exclude<Plan, { kind: "count" }>): readonly Column[] {
  return plan.kind === "read" ? plan.columns : plan.returning;
}

function countOutcome(result: Result): Outcome {
  return { rows: [], count: Number(result.rows[0]?.[0] ?? 0) };
}

/**
 * Types that have changed since the catalog was read make a read stale: it can be run again by a new catalog. A write has
 * been done, so its rows are written as what they came as.
 */
function rowsOutcome(result: Result, known: readonly Column[], isRead: boolean, dialect: Dialect): Outcome {
  const columns = receivedColumns(result, known, dialect);
  if (isRead && known.some((column, index) => column !== columns[index] && !isExpressed(column)))
    throw new DatabaseError("stale_plan");
  const rows = decodeRows(result.rows, columns, dialect);
  return { rows, count: isRead ? rows.length : result.affected };
}

function receivedColumns({ types }: Result, known: readonly Column[], dialect: Dialect): readonly Column[] {
  if (types === undefined) return known;
  return known.map((column, index) => dialect.received(column, types[index]));
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Decimals, and integers of a type that a double cannot hold, as strings. */
function withExactStrings(dialect: Dialect): Dialect {
  const isWide = (column: Column) =>
    column.family === "integer" && (column.range === undefined || column.range[1] > SAFE);
  const isExact = (column: Column) => column.family === "decimal" || isWide(column);
  const { embedding } = dialect;
  return {
    ...dialect,
    decoder: (column) => {
      const decode = dialect.decoder(column);
      return isExact(column) ? (cell) => asString(decode(cell)) : decode;
    },
    ...(embedding && { embedding: { ...embedding, cell: exactCell(embedding, isExact) } }),
  };
}

function exactCell({ cell }: Embedding, isExact: (column: Column) => boolean): Embedding["cell"] {
  return (column, reference) => {
    const text = cell(column, reference);
    return text !== undefined && isExact(column) ? `CAST(${text} AS TEXT)` : text;
  };
}

/** A number as a string of its digits; what is a string already stays. */
function asString(json: string): string {
  return json.startsWith('"') ? json : `"${json}"`;
}
