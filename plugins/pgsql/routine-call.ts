import { Fault } from "../../src/contract/fault.ts";
import type { Column, ColumnFacts } from "../../src/db/catalog.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import { MOST_ROWS } from "../../src/db/routine/bounds.ts";
import { resultColumn } from "../../src/db/routine/column.ts";
import type { ParamFacts, RoutineFacts } from "../../src/db/routine/facts.ts";
import type { CallOutcome, CallPlan, RowSet } from "../../src/db/routine/plan.ts";
import type { Execute } from "../../src/db/sql/connector.ts";
import { decodeRows } from "../../src/db/sql/decode-rows.ts";
import type { Dialect } from "../../src/db/sql/dialect.ts";
import type { Result } from "../../src/db/sql/driver.ts";
import { Writer } from "../../src/db/sql/writer.ts";
import type { SimpleType } from "../../src/db/types.ts";
import { baseOf, type PgColumn } from "./columns.ts";
import { geometryType, isGeometry } from "./geometry.ts";
import { columnsOfTypes } from "./routine-types.ts";

/** A call on its way. */
interface Calling {
  readonly plan: CallPlan;
  readonly execute: Execute;
  readonly dialect: Dialect;
}

/** Only a procedure outside of a transaction may commit by itself; cursors are lost without one. */
export function goesAlone({ routine, isReadOnly }: CallPlan): boolean {
  return routine.kind === "procedure" && !isReadOnly && !routine.params.some(isCursor);
}

/** Functions are selected from, procedures called. The rows of cursors that they give are result sets. */
export async function callRoutine(plan: CallPlan, execute: Execute, dialect: Dialect): Promise<CallOutcome> {
  const calling = { plan, execute, dialect };
  try {
    return await (plan.routine.kind === "procedure" ? callProcedure(calling) : callFunction(calling));
  } catch (error) {
    throw translated(error, plan);
  }
}

function translated(error: unknown, { routine, columns }: CallPlan): unknown {
  if (!(error instanceof DatabaseError) || error.said !== undefined) return error;
  const { code } = (error.cause ?? {}) as { readonly code?: unknown };
  // There is no function of these types: perhaps not any more.
  if (code === "42883") return new DatabaseError("undefined_object", { cause: error });
  if (routine.result.kind !== "record" || (code !== "42P13" && code !== "42804")) return error;
  const names = columns.map(({ name }) => `'${name}'`).join(", ");
  return new Fault("bad_request", `The function does not give the columns that 'schema' says: ${names}.`);
}

function isCursor(facts: ColumnFacts & Partial<PgColumn>): boolean {
  return baseOf(facts) === "refcursor";
}

async function callProcedure(calling: Calling): Promise<CallOutcome> {
  const { plan, execute, dialect } = calling;
  const { routine } = plan;
  const writer = new Writer(dialect);
  const given = args(calling, writer, routine.params);
  const result = await execute(writer.statement(`CALL ${nameOf(routine, dialect)}(${given})`));
  const back = routine.params.filter((param) => param.mode !== "IN");
  const cells = result.rows[0] ?? [];
  const cursors = back.flatMap((param, index) => (isCursor(param) ? [String(cells[index] ?? "")] : []));
  const sets = await fetchAll(cursors, calling);
  const row = await asRead(back.map(resultColumn), result, calling);
  const out = back.flatMap((param, index) => (isCursor(param) ? [] : [[param.name, row[index] ?? "null"] as const]));
  return { sets, out };
}

/** Types that are read by an expression are sent back for it: a CALL has no select list. */
async function asRead(columns: readonly Column[], result: Result, { execute, dialect }: Calling) {
  const cells = result.rows[0] ?? [];
  const isPlain = columns.every((column) => dialect.read(column, "x") === "x");
  if (isPlain) return decodeRows([cells], columns, dialect)[0] ?? [];
  const writer = new Writer(dialect);
  const list = columns.map((column, index) =>
    dialect.read(
      column,
      `${writer.bind(cells[index] ?? null)}::${isGeometry(column) ? geometryType(column) : column.dbType}`,
    ),
  );
  const { rows } = await execute(writer.statement(`SELECT ${list.join(", ")}`));
  return decodeRows(rows, columns, dialect)[0] ?? [];
}

async function callFunction(calling: Calling): Promise<CallOutcome> {
  const { plan, execute, dialect } = calling;
  const { routine } = plan;
  const columns = columnsOf(plan).map(resultColumn);
  const writer = new Writer(dialect);
  const given = args(
    calling,
    writer,
    routine.params.filter((param) => param.mode !== "OUT"),
  );
  const list = columns.map((column, index) => dialect.read(column, `t.${dialect.quote(`c${index + 1}`)}`));
  const from = `${nameOf(routine, dialect)}(${given}) AS t (${aliases(plan, columns, dialect)})`;
  const result = await execute(writer.statement(`SELECT ${list.join(", ")} FROM ${from} LIMIT ${MOST_ROWS + 1}`));
  return outcomeOf(calling, columns, result);
}

async function outcomeOf(calling: Calling, columns: readonly Column[], result: Result): Promise<CallOutcome> {
  const { plan, dialect } = calling;
  const { routine } = plan;
  const [only] = columns;
  if (only !== undefined && columns.length === 1 && isCursor(only)) {
    const cursors = result.rows.map((row) => String(row[0] ?? ""));
    return { sets: await fetchAll(cursors, calling), out: [] };
  }
  const received = columns.map((column, index) => dialect.received(column, result.types?.[index]));
  const rows = decodeRows(result.rows, received, dialect);
  const kind = routine.result.kind;
  if (kind === "none") return { sets: [], out: [], scalar: "null" };
  if (kind === "scalar" && !routine.result.isSet) return { sets: [], out: [], scalar: rows[0]?.[0] ?? "null" };
  const isOut = kind === "rows" && !routine.result.isSet && routine.params.some((param) => param.mode !== "IN");
  if (isOut) return { sets: [], out: columns.map((column, index) => [column.name, rows[0]?.[index] ?? "null"]) };
  return { sets: [{ columns, rows }], out: [] };
}

const VOID: Pick<PgColumn, "base"> & ColumnFacts = {
  name: "",
  base: "void",
  type: "string",
  family: "string",
  dbType: "void",
  length: null,
  precision: null,
  scale: null,
  default: null,
  hasDefault: false,
  allowNull: true,
};

/** The columns that a function gives: those that are known, or those that the caller says. */
function columnsOf({ routine, columns }: CallPlan): readonly ColumnFacts[] {
  const { result, name } = routine;
  switch (result.kind) {
    case "rows":
      return result.columns;
    case "scalar":
      return [{ ...result.type, name }];
    case "record":
      return columns.map((column) => ({ ...VOID, ...saidFacts(column.type), name: column.name }));
    default:
      return [VOID];
  }
}

function aliases({ routine, columns: said }: CallPlan, columns: readonly Column[], dialect: Dialect): string {
  const isSaid = routine.result.kind === "record";
  return columns
    .map((_, index) => {
      const alias = dialect.quote(`c${index + 1}`);
      return isSaid ? `${alias} ${SAID[said[index]?.type ?? "string"]?.[0] ?? "text"}` : alias;
    })
    .join(", ");
}

/** What a type that a caller says of a column is in the database; all others are text. */
const SAID: Readonly<Partial<Record<SimpleType, readonly [dbType: string, family: ColumnFacts["family"]]>>> = {
  integer: ["integer", "integer"],
  smallint: ["smallint", "integer"],
  bigint: ["bigint", "integer"],
  id: ["integer", "integer"],
  bigid: ["bigint", "integer"],
  reference: ["integer", "integer"],
  decimal: ["numeric", "decimal"],
  double: ["double precision", "float"],
  float: ["real", "float"],
  boolean: ["boolean", "boolean"],
  binary: ["bytea", "binary"],
  date: ["date", "date"],
  time: ["time", "time"],
  timetz: ["timetz", "time"],
  datetime: ["timestamp", "datetime"],
  timestamp: ["timestamp", "datetime"],
  datetimetz: ["timestamptz", "datetimetz"],
  timestamptz: ["timestamptz", "datetimetz"],
  json: ["json", "json"],
  jsonb: ["jsonb", "json"],
  uuid: ["uuid", "uuid"],
};

function saidFacts(type: SimpleType): Partial<PgColumn> {
  const [dbType, family] = SAID[type] ?? ["text", "string"];
  return { type, dbType, base: dbType, family };
}

function nameOf({ schema, name }: RoutineFacts, dialect: Dialect): string {
  return `${dialect.quote(schema)}.${dialect.quote(name)}`;
}

/** By position up to the first that is left to its default, by name from there on. What only comes back is NULL. */
function args({ plan, dialect }: Calling, writer: Writer, params: readonly ParamFacts[]): string {
  let isNamed = false;
  const texts = params.flatMap((param) => {
    const text = argument(param, plan, writer);
    if (text === undefined) isNamed = true;
    if (text === undefined) return [];
    const named = isNamed ? `${dialect.quote(param.name)} => ${text}` : text;
    return [param.isVariadic ? `VARIADIC ${named}` : named];
  });
  return texts.join(", ");
}

function argument(param: ParamFacts, { args: given }: CallPlan, writer: Writer): string | undefined {
  const found = given.find((each) => each.param === param);
  const column = resultColumn(param);
  if (found !== undefined) {
    return `${writer.dialect.write(column, writer.value(column, found.value))}::${castType(param)}`;
  }
  return param.mode === "OUT" || isCursor(param) ? `NULL::${castType(param)}` : undefined;
}

/** A polymorphic parameter takes a text, or a list of texts. */
function castType(param: ParamFacts & Partial<PgColumn>): string {
  if (isGeometry(param)) return geometryType(param);
  if (/^geo(?:metry|graphy)$/.test(baseOf(param))) return `${geometryType(param)}[]`;
  if (!baseOf(param).startsWith("any")) return param.dbType;
  return baseOf(param).endsWith("array") && !baseOf(param).endsWith("nonarray") ? "text[]" : "text";
}

async function fetchAll(cursors: readonly string[], calling: Calling): Promise<readonly RowSet[]> {
  const sets: RowSet[] = [];
  for (const cursor of cursors.filter((name) => name !== "")) sets.push(await fetchOne(cursor, calling));
  return sets;
}

async function fetchOne(cursor: string, { execute, dialect }: Calling): Promise<RowSet> {
  const result = await execute({ text: `FETCH ${MOST_ROWS + 1} FROM ${dialect.quote(cursor)}`, values: [] });
  const fields = (result.fields ?? []) as readonly { readonly name: string }[];
  const types = await columnsOfTypes(execute, result.types ?? []);
  const columns = types.map((type, index) =>
    resultColumn({ ...type, ...asGiven(type), name: fields[index]?.name ?? "" }),
  );
  return { columns, rows: decodeRows(result.rows, columns, dialect) };
}

/** What a FETCH gives nothing can be done to: a geometry comes as the server's own text. */
function asGiven(type: PgColumn): Partial<PgColumn> {
  return isGeometry(type) ? { type: "string", family: "string" } : {};
}
