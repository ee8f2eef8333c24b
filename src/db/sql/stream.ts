import { type Give, Left, NotTaken, relay } from "../../lib/relay.ts";
import { DatabaseError } from "../errors.ts";
import type { Outcome, ReadPlan, Row } from "../plan/plan.ts";
import { compile } from "./compile.ts";
import type { Dialect } from "./dialect.ts";
import { type Driver, NoStream, type Result } from "./driver.ts";
import { pages } from "./pages.ts";

/** How long a client may leave what it asked for unread: a connection to the database is held for it. In milliseconds. */
export const PATIENCE_MS = 60_000;

/** The results that `work` gives, as they are asked for. Raises DatabaseError. */
export async function* streamed(
  work: (give: Give<Result>) => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<Result> {
  try {
    yield* relay(work, { patienceMs: PATIENCE_MS, signal });
  } catch (error) {
    throw error instanceof Left || error instanceof NotTaken ? new DatabaseError("timeout", { cause: error }) : error;
  }
}

/** What a stream of rows is made of. */
export interface Streaming {
  readonly driver: Pick<Driver, "stream">;
  readonly plan: ReadPlan;
  readonly dialect: Dialect;
  /** The rows of a result of the statement. */
  outcome(result: Result): Outcome;
  /** Runs a page of the plan by itself. */
  run(plan: ReadPlan): Promise<Outcome>;
}

/** The rows of a plan, some at a time: as the driver streams them, else page by page. */
export async function* streamRows(streaming: Streaming, signal: AbortSignal): AsyncGenerator<readonly Row[]> {
  const { driver, plan, dialect, outcome, run } = streaming;
  try {
    if (driver.stream === undefined) throw new NoStream();
    for await (const result of driver.stream(compile(plan, dialect), signal)) yield outcome(result).rows;
  } catch (error) {
    if (!(error instanceof NoStream)) throw error;
    yield* pages(plan, run, dialect);
  }
}
