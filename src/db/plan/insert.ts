import { Fault } from "../../contract/fault.ts";
import { type Column, findColumn } from "../catalog.ts";
import { automaticAssignments } from "../extras/automatic.ts";
import type { Query } from "../query.ts";
import { assignedBy, type Field, findField, noFields, placed, required } from "./field.ts";
import type { Assigned, Assignment, InsertPlan } from "./plan.ts";
import type { Scope } from "./scope.ts";
import { isRequired, planReturning, type Record_ } from "./write.ts";

/** How a row is made: with `key` as the values of its key whatever the record says, and over one that exists. */
export interface Making {
  readonly key?: readonly Assignment[];
  readonly upsert?: boolean;
}

/** Plans one new row; see {@link NewRows}. */
export function planInsert(record: Record_, query: Query, scope: Scope, making: Making = {}): InsertPlan {
  const rows = new NewRows(query, scope, making);
  return rows.plan([rows.row(record)]);
}

/** What a new row sets, and to what. Rows of one shape mostly share the list of columns. */
export interface NewRow {
  readonly columns: readonly Column[];
  readonly values: readonly Assigned[];
}

/** Plans new rows of one table. What follows from the names in a record is worked out once for neighbours that have the same. */
export class NewRows {
  readonly #query: Query;
  readonly #scope: Scope;
  readonly #making: Making;
  /** What Millrace itself sets in each row. */
  readonly #automatic: readonly Assignment[];
  #shape: Shape | undefined;

  constructor(query: Query, scope: Scope, making: Making) {
    this.#query = query;
    this.#scope = scope;
    this.#making = making;
    const { table, userId = null } = scope;
    const { key = [] } = making;
    const automatic = automaticAssignments(table.columns, { write: "insert", userId });
    this.#automatic = automatic.filter((each) => !key.some(({ column }) => column === each.column));
  }

  /** Fields that the table lacks or computes itself are left out, or refused with `strict`. Raises `bad_request` for a value that does not fit or a required field that is missing. */
  row(record: Record_): NewRow {
    const names = Object.keys(record);
    const shape = this.#shapeOf(names);
    const values = shape.values.slice();
    for (const [index, name] of names.entries()) {
      const field = shape.fields[index];
      if (field === undefined) continue;
      const value = assignedBy(record[name] ?? null, field, "insert");
      if (field.at === undefined || value === undefined) continue;
      values[field.at] = value === null && field.column.autoIncrement ? undefined : value;
    }
    if (!shape.isWhole || values.includes(undefined)) return this.#set(shape.columns, values);
    return { columns: shape.columns, values: values as Assigned[] };
  }

  /** Rows that set the same columns in one plan. */
  plan(rows: readonly NewRow[]): InsertPlan {
    return {
      kind: "insert",
      table: this.#scope.table,
      columns: rows[0]?.columns ?? [],
      rows: rows.map(({ values }) => values),
      upsert: this.#making.upsert === true,
      returning: planReturning(this.#query, this.#scope),
    };
  }

  #shapeOf(names: readonly string[]): Shape {
    if (this.#shape === undefined || !isSame(this.#shape.names, names)) this.#shape = this.#newShape(names);
    return this.#shape;
  }

  #newShape(names: readonly string[]): Shape {
    const { key = [], upsert } = this.#making;
    if (upsert) demandKey(names, this.#scope);
    const fields = names.map((name) => findField(name, this.#query, this.#scope));
    const said = this.#scope.table.columns.filter(
      (each) => fields.some((field) => field?.column === each) && !key.some(({ column }) => column === each),
    );
    const columns = [...key.map(({ column }) => column), ...said, ...this.#automatic.map(({ column }) => column)];
    const values = [
      ...key.map(({ value }) => value),
      ...said.map(() => undefined),
      ...this.#automatic.map(({ value }) => value),
    ];
    const at = new Map(said.map((column, index) => [column, key.length + index]));
    const isWhole = this.#lackOf(columns) === undefined;
    return {
      names,
      columns,
      values,
      isWhole,
      fields: fields.map((each) => each && { ...each, at: at.get(each.column) }),
    };
  }

  /** Raises `bad_request` when what is set does not make a row. */
  #set(columns: readonly Column[], values: readonly (Assigned | undefined)[]): NewRow {
    const isSet = (_: unknown, at: number) => values[at] !== undefined;
    const set = { columns: columns.filter(isSet), values: values.filter((each) => each !== undefined) };
    const lack = this.#lackOf(set.columns);
    if (lack) throw lack;
    return set;
  }

  #lackOf(set: readonly Column[]): Fault | undefined {
    if (set.length === this.#automatic.length) return noFields();
    const missing = this.#scope.table.columns.find((column) => isRequired(column) && !set.includes(column));
    return missing && required(placed(missing, this.#scope));
  }
}

/** What records with the same names in the same order have in common. */
interface Shape {
  readonly names: readonly string[];
  /** What each of the names stands for. */
  readonly fields: readonly (PlacedField | undefined)[];
  readonly columns: readonly Column[];
  /** A row before the record fills it: `undefined` where it has to. */
  readonly values: readonly (Assigned | undefined)[];
  /** Whether nothing is missing in a row of all these columns. */
  readonly isWhole: boolean;
}

interface PlacedField extends Field {
  /** Its place in the row; `undefined` = its value is only checked. */
  readonly at: number | undefined;
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index]);
}

function demandKey(names: readonly string[], { catalog, table }: Scope): void {
  if (table.key.length === 0) throw new Fault("bad_request", `Table '${table.name}' has no primary key to upsert by.`);
  const columns = new Set(names.map((name) => findColumn(catalog, table, name)));
  const missing = table.key.find((column) => !columns.has(column));
  if (missing) throw new Fault("bad_request", `An upsert needs the key field '${missing.name}' in each record.`);
}
