import type { ServiceHost } from "../../src/contract/service.ts";
import type { Column } from "../../src/db/catalog.ts";
import { BatchFailure } from "../../src/db/connector.ts";
import { DatabaseError, type DatabaseErrorKind } from "../../src/db/errors.ts";
import type { Outcome, ReadPlan, Row, WritePlan } from "../../src/db/plan/plan.ts";
import { compile } from "../../src/db/sql/compile.ts";
import { decodeRows } from "../../src/db/sql/decode-rows.ts";
import type { Dialect } from "../../src/db/sql/dialect.ts";
import type { Statement } from "../../src/db/sql/driver.ts";
import { namedKeys } from "../../src/db/sql/keys.ts";
import { timed } from "../../src/db/sql/query-log.ts";
import type { D1Result } from "./binding.ts";
import { cellOf, type D1Driver } from "./driver.ts";

/** Failures that say nothing about one of the plans. */
const OF_ALL: readonly DatabaseErrorKind[] = ["unavailable", "timeout", "saturated", "conflict", "unknown"];

const SHORT = "short";
const END = "end";

/** Where and how a batch runs. */
export interface BatchPlace {
  readonly dialect: Dialect;
  readonly driver: D1Driver;
  readonly host: Pick<ServiceHost, "name" | "log">;
  readonly signal: AbortSignal;
}

/** Runs the plans in one transaction, as `Connector.batch` has it. Raises BatchFailure when one of them fails. */
export async function runPlans(plans: readonly WritePlan[], place: BatchPlace): Promise<readonly Outcome[]> {
  const steps = plans.map((plan) => [compile(plan, place.dialect), refuse(`changes() < ${leastOf(plan)}`)] as const);
  try {
    const results = await run(steps, place);
    return plans.map((plan, index) => outcomeOf(plan, results[index * 2], place.dialect));
  } catch (error) {
    if (!isOfOne(error)) throw error;
    const index = await firstFailing(steps, async (some) => (await failureOf(some, place)) !== undefined);
    throw new BatchFailure(index, isShort(error) ? undefined : error);
  }
}

/** A plan with the number of rows that it has to touch. */
export interface Exactly {
  readonly plan: WritePlan;
  readonly rows: number;
}

/**
 * Runs the plans in one transaction. Raises a DatabaseError that {@link isShort} when one touches more or fewer rows, and
 * BatchFailure when the database refuses one.
 */
export async function runExactly(writes: readonly Exactly[], place: BatchPlace): Promise<void> {
  const steps = writes.map(({ plan, rows }) => [compile(plan, place.dialect), refuse(`changes() <> ${rows}`)] as const);
  try {
    await run(steps, place);
  } catch (error) {
    if (!isOfOne(error) || isShort(error)) throw error;
    throw new BatchFailure(await firstFailing(steps, (some) => isRefused(some, place)), error);
  }
}

/** Runs reads of one moment. */
export async function runReads(plans: readonly ReadPlan[], place: BatchPlace): Promise<readonly Outcome[]> {
  const statements = plans.map((plan) => compile(plan, place.dialect));
  const text = statements.map((statement) => statement.text).join("; ");
  const results = await timed(() => place.driver.batch(statements, place.signal), { text, values: 0 }, place.host);
  return plans.map((plan, index) => {
    const rows = rowsOf(results[index], plan.columns, place.dialect);
    return { rows, count: rows.length };
  });
}

/** A statement and what is demanded of it. */
type Step = readonly [Statement, Statement];

function run(
  steps: readonly Step[],
  { driver, host, signal }: BatchPlace,
  end: readonly Statement[] = [],
): Promise<readonly D1Result[]> {
  const text = steps.map(([statement]) => statement.text).join("; ");
  const values = steps.reduce((sum, [statement]) => sum + statement.values.length, 0);
  return timed(() => driver.batch([...steps.flat(), ...end], signal), { text, values }, host);
}

/** The place of the first step that fails, known that one does: beginnings of the batch are tried, halving what is left. */
async function firstFailing(
  steps: readonly Step[],
  fails: (beginning: readonly Step[]) => Promise<boolean>,
): Promise<number> {
  let [least, most] = [1, steps.length];
  while (least < most) {
    const middle = Math.floor((least + most) / 2);
    if (await fails(steps.slice(0, middle))) most = middle;
    else least = middle + 1;
  }
  return least - 1;
}

/** How one of the steps fails, if one does. They end in a statement that fails, so that nothing holds whatever comes. */
async function failureOf(steps: readonly Step[], place: BatchPlace): Promise<DatabaseError | undefined> {
  try {
    await run(steps, place, [failing(END)]);
    return undefined;
  } catch (error) {
    if (!isOfOne(error)) throw error;
    return says(error, END) ? undefined : error;
  }
}

/** Whether the database refuses one of the steps. Other rows than they had to touch are another state: that is raised. */
async function isRefused(steps: readonly Step[], place: BatchPlace): Promise<boolean> {
  const error = await failureOf(steps, place);
  if (error !== undefined && isShort(error)) throw error;
  return error !== undefined;
}

function isOfOne(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && !OF_ALL.includes(error.kind);
}

function leastOf(plan: WritePlan): number {
  return plan.kind === "insert" ? plan.rows.length : (namedKeys(plan)?.length ?? 1);
}

/** Fails when this is so of the statement before it. */
function refuse(condition: string): Statement {
  return { text: `SELECT CASE WHEN ${condition} THEN json_extract('{}', '${SHORT}') END`, values: [] };
}

/** Whether a batch failed because a statement touched other rows than it had to. */
export function isShort(error: DatabaseError): boolean {
  return says(error, SHORT);
}

/** Fails always, with this word in its message. */
function failing(word: string): Statement {
  return { text: `SELECT json_extract('{}', '${word}')`, values: [] };
}

function says(error: DatabaseError, word: string): boolean {
  return error.cause instanceof Error && new RegExp(`JSON path.*'${word}'`).test(error.cause.message);
}

function outcomeOf(plan: WritePlan, result: D1Result | undefined, dialect: Dialect): Outcome {
  const rows = rowsOf(result, plan.returning, dialect);
  return { rows, count: plan.returning.length > 0 ? rows.length : (result?.meta.changes ?? 0) };
}

/** Rows come as objects; columns of one table have names of their own. */
function rowsOf(result: D1Result | undefined, columns: readonly Column[], dialect: Dialect): readonly Row[] {
  if (columns.length === 0) return [];
  const cells = (result?.results ?? []).map((row) => columns.map(({ nativeName }) => cellOf(row[nativeName])));
  return decodeRows(cells, columns, dialect);
}
