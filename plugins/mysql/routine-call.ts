import type { Column } from "../../src/db/catalog.ts";
import { resultColumn } from "../../src/db/routine/column.ts";
import type { ParamFacts, RoutineFacts } from "../../src/db/routine/facts.ts";
import type { CallOutcome, CallPlan, RowSet } from "../../src/db/routine/plan.ts";
import type { Execute } from "../../src/db/sql/connector.ts";
import { decodeRows } from "../../src/db/sql/decode-rows.ts";
import type { Dialect } from "../../src/db/sql/dialect.ts";
import type { Result } from "../../src/db/sql/driver.ts";
import { Writer } from "../../src/db/sql/writer.ts";
import { columnOfField, type Field } from "./fields.ts";

/** A call on its way, on one connection. */
interface Calling {
  readonly plan: CallPlan;
  readonly execute: Execute;
  readonly dialect: Dialect;
}

/** Functions are selected, procedures called. */
export function callRoutine(plan: CallPlan, execute: Execute, dialect: Dialect): Promise<CallOutcome> {
  const calling = { plan, execute, dialect };
  return plan.routine.kind === "procedure" ? callProcedure(calling) : callFunction(calling);
}

async function callFunction({ plan, execute, dialect }: Calling): Promise<CallOutcome> {
  const { routine } = plan;
  const writer = new Writer(dialect);
  const args = routine.params.map((param) => bound(param, plan, writer));
  const call = `${nameOf(routine, dialect)}(${args.join(", ")})`;
  const columns = routine.result.kind === "scalar" ? [resultColumn(routine.result.type)] : [];
  const list = columns.map((column) => dialect.read(column, call));
  const { rows } = await execute(writer.statement(`SELECT ${list.join(", ")}`));
  return { sets: [], out: [], scalar: decodeRows(rows, columns, dialect)[0]?.[0] ?? "null" };
}

/** What comes back does so through variables of the session: a value that goes in and out is put there before. */
async function callProcedure({ plan, execute, dialect }: Calling): Promise<CallOutcome> {
  const { routine } = plan;
  const back = routine.params.filter((param) => param.mode !== "IN");
  const variableOf = (param: ParamFacts) => `@millrace_${back.indexOf(param)}`;
  if (back.length > 0) {
    const writer = new Writer(dialect);
    const set = back.map(
      (param) => `${variableOf(param)} = ${param.mode === "OUT" ? "NULL" : bound(param, plan, writer)}`,
    );
    await execute(writer.statement(`SET ${set.join(", ")}`));
  }
  const writer = new Writer(dialect);
  const args = routine.params.map((param) => (param.mode === "IN" ? bound(param, plan, writer) : variableOf(param)));
  const result = await execute(writer.statement(`CALL ${nameOf(routine, dialect)}(${args.join(", ")})`));
  const sets = [result, ...(result.others ?? [])].flatMap((each) => setOf(each, dialect));
  if (back.length === 0) return { sets, out: [] };
  const columns = back.map(resultColumn);
  const list = columns.map((column, index) => dialect.read(column, `@millrace_${index}`));
  const { rows } = await execute({ text: `SELECT ${list.join(", ")}`, values: [] });
  const [row = []] = decodeRows(rows, columns, dialect);
  return { sets, out: back.map((param, index) => [param.name, row[index] ?? "null"]) };
}

function nameOf({ schema, name }: RoutineFacts, dialect: Dialect): string {
  return `${dialect.quote(schema)}.${dialect.quote(name)}`;
}

function bound(param: ParamFacts, { args }: CallPlan, writer: Writer): string {
  const column = resultColumn(param);
  const value = args.find((each) => each.param === param)?.value ?? null;
  return writer.dialect.write(column, writer.value(column, value));
}

function setOf({ rows, fields }: Pick<Result, "rows" | "fields">, dialect: Dialect): readonly RowSet[] {
  if (fields === undefined) return [];
  const columns: readonly Column[] = (fields as readonly Field[]).map((field) => resultColumn(columnOfField(field)));
  return [{ columns, rows: decodeRows(rows, columns, dialect) }];
}
