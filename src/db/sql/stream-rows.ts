import type { Outcome, ReadPlan, Row } from "../plan/plan.ts";
import { compile } from "./compile.ts";
import type { Dialect } from "./dialect.ts";
import { type Driver, NoStream, type Result } from "./driver.ts";
import { pages } from "./pages.ts";

/** What a stream of rows is made of. */
export interface RowStream {
  readonly driver: Pick<Driver, "stream">;
  readonly plan: ReadPlan;
  readonly dialect: Dialect;
  /** The rows of a result of the statement. */
  outcome(result: Result): Outcome;
  /** Runs a page of the plan by itself. */
  run(plan: ReadPlan): Promise<Outcome>;
}

/** The rows of a plan, some at a time: as the driver streams them, else page by page. */
export async function* streamRows(stream: RowStream, signal: AbortSignal): AsyncGenerator<readonly Row[]> {
  const { driver, plan, dialect, outcome, run } = stream;
  try {
    if (driver.stream === undefined) throw new NoStream();
    for await (const result of driver.stream(compile(plan, dialect), signal)) yield outcome(result).rows;
  } catch (error) {
    if (!(error instanceof NoStream)) throw error;
    yield* pages(plan, run, dialect);
  }
}
