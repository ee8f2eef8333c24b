import { Fault } from "../../../contract/fault.ts";
import { parseStored } from "../../../lib/json.ts";
import type { Column } from "../../catalog.ts";
import type { Runner } from "../../connector.ts";
import { assignmentsOf } from "../../plan/assignments.ts";
import type { Assignment, Outcome, Predicate, Row } from "../../plan/plan.ts";
import { keysWithin, withColumns } from "../../plan/read.ts";
import { checkValue, type Value } from "../../values.ts";
import type { TableCall } from "../context.ts";
import { keyText } from "../keys.ts";
import { inPlace } from "./place.ts";
import type { Given, KeyPart, NestedRecord, RowWrite } from "./plan.ts";

/** A row as it was written: the cells of `columns`. */
export interface Written {
  readonly columns: readonly Column[];
  readonly cells: Row;
}

/** Where a nested record is written. */
export interface Place {
  readonly on: TableCall;
  readonly runner: Runner;
}

/** Writes a record with those that it holds: those that it belongs to first, those that belong to it last. */
export async function writeNested(record: NestedRecord, given: Given, where: Place): Promise<Written> {
  const known = new Map(given);
  for (const { record: owner, columns, fields } of record.owners) {
    const written = await writeNested(owner, NOTHING_GIVEN, where);
    for (const [column, value] of handedOver(written, fields, columns)) known.set(column, value);
  }
  const written = await inPlace(record, where.on, () => writeRow(record.row, known, where));
  for (const { record: child, columns, fields } of record.children)
    await writeNested(child, handedOver(written, fields, columns), where);
  return written;
}

const NOTHING_GIVEN: Given = new Map();

/** The values of `fields` of a row, as those of the `columns` that refer to them. */
function handedOver({ columns, cells }: Written, fields: readonly Column[], to: readonly Column[]): Given {
  const given = new Map<Column, Value>();
  to.forEach((column, index) => {
    const field = fields[index];
    const cell = field && cells[columns.indexOf(field)];
    if (cell === "null") throw notRelated(field);
    if (field && cell !== undefined) given.set(column, checkValue(field.name, field, parseStored(cell)));
  });
  return given;
}

async function writeRow(write: RowWrite, given: Given, where: Place): Promise<Written> {
  const found = write.known && (await changeRow(write, write.known, { given, where }));
  if (found && found.count > 1 && write.returning.length > 0) throw notOne();
  if (found && found.count > 0) return { columns: write.returning, cells: found.rows[0] ?? [] };
  if (write.create) return createRow(write, write.create, { given, where });
  if (!write.mayMiss) throw missing(write, given);
  return { columns: [], cells: [] };
}

interface Circumstances {
  readonly given: Given;
  readonly where: Place;
}

function changeRow(
  { scope, linked, returning }: RowWrite,
  { key, deed }: NonNullable<RowWrite["known"]>,
  { given, where: { on, runner } }: Circumstances,
): Promise<Outcome> {
  const { signal } = on.call;
  const where = rowOf(key, given, scope);
  const { table } = scope;
  const set = deed.kind === "change" ? withoutSame(filled(deed.set, linked, given), key, given) : [];
  if (set.length > 0) return runner.run({ kind: "update", table, set, where, returning }, signal);
  if (deed.kind === "remove") return runner.run({ kind: "delete", table, where, returning: [] }, signal);
  return look({ scope, where, returning, key }, { on, runner }).then((outcome) => {
    if (deed.kind === "refuse" && outcome.count > 0) throw deed.fault;
    return outcome;
  });
}

interface Look extends Pick<RowWrite, "scope" | "returning"> {
  readonly where: Predicate;
  readonly key: readonly KeyPart[];
}

/** Two rows at most, to see whether the key names one only. */
function look({ scope, where, returning, key }: Look, { on, runner }: Place): Promise<Outcome> {
  const columns = withColumns(
    returning,
    key.map((part) => part.column),
  );
  const page = { order: [], limit: 2, offset: 0 };
  return runner.run({ kind: "read", table: scope.table, columns, where, ...page }, on.call.signal);
}

function rowOf(key: readonly KeyPart[], given: Given, scope: RowWrite["scope"]): Predicate {
  return keysWithin({ columns: key.map((part) => part.column), keys: [valuesOf(key, given)] }, scope);
}

function valuesOf(key: readonly KeyPart[], given: Given): readonly Value[] {
  return key.map((part) => part.value ?? given.get(part.column) ?? null);
}

function filled(set: readonly Assignment[], linked: readonly Column[], given: Given): readonly Assignment[] {
  if (linked.length === 0) return set;
  return set.map((each) =>
    linked.includes(each.column) ? { column: each.column, value: given.get(each.column) ?? null } : each,
  );
}

/** A record that repeats the key of its row does not change it. */
function withoutSame(set: readonly Assignment[], key: readonly KeyPart[], given: Given): readonly Assignment[] {
  const values = new Map(key.map((part) => [part.column, part.value ?? given.get(part.column)]));
  return set.filter(({ column, value }) => !values.has(column) || values.get(column) !== value);
}

async function createRow(
  { linked, returning }: RowWrite,
  create: NonNullable<RowWrite["create"]>,
  { given, where: { on, runner } }: Circumstances,
): Promise<Written> {
  if (create instanceof Fault) throw create;
  const rows = create.rows.map((row) =>
    filled(assignmentsOf(create.columns, row), linked, given).map(({ value }) => value),
  );
  const made = await runner.run({ ...create, rows, returning }, on.call.signal);
  if (made.count === 0) throw new Fault("bad_request", "The database did not keep the record.");
  return { columns: returning, cells: made.rows[0] ?? [] };
}

function missing({ known }: RowWrite, given: Given): Fault {
  const id = keyText(valuesOf(known?.key ?? [], given));
  return new Fault("not_found", `Record with identifier '${id}' not found.`);
}

function notRelated(field: Column | undefined): Fault {
  return new Fault("bad_request", `Field '${field?.name}' is NULL: no record can be related by it.`);
}

function notOne(): Fault {
  return new Fault("bad_request", "Related records can not belong to several records at once.");
}
