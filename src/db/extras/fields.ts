import type { JsonObject } from "../../contract/json.ts";
import { isTrue } from "../../lib/schema.ts";
import type { Column, ColumnFacts, Table } from "../catalog.ts";
import type { Family, SimpleType } from "../types.ts";
import { piecesOf, type Use } from "./functions.ts";
import type { Automatic, ColumnExpressions, ExpressionPart, ExpressionText, Kept, KeptColumn } from "./kept.ts";
import { type Names, ownOf, type Tell } from "./names.ts";

/** What the fields of a table are laid out with. */
export interface FieldsOf {
  readonly table: Table;
  readonly extras: Readonly<Record<string, JsonObject>>;
  readonly names: Names;
  /** Whether a column identifies records or relates them: no expression may stand for it. */
  isLink(nativeName: string): boolean;
  readonly tell: Tell;
}

/** The columns of a table with their extras, and behind them its virtual fields. */
export function columnsOf(on: FieldsOf): readonly Column[] {
  const { table, extras } = on;
  const real = table.columns.map((column) => realColumn(column, ownOf(extras, column.nativeName) ?? {}, on));
  const taken = new Set(table.columns.map(({ nativeName }) => nativeName));
  const virtual = Object.entries(extras)
    .filter(([name, each]) => each.is_virtual === true && !taken.has(name))
    .flatMap(([name, each]) => virtualColumn(name, each, on) ?? []);
  return [...real, ...virtual];
}

function realColumn(column: Column, said: JsonObject, on: FieldsOf): Column {
  const name = on.names.field(on.table.name, column.nativeName);
  const { reference } = column;
  const named = reference && {
    ...reference,
    table: on.names.table(reference.table),
    field: on.names.field(reference.table, reference.field),
  };
  return {
    ...column,
    ...keptOf(said, name !== column.nativeName ? name : undefined),
    ...columnKept(column, said, on),
    name,
    ...(named && { reference: named }),
    ...typeOf(said),
  };
}

/** The label, the description and the alias, where they are said. */
export function keptOf({ label, description }: JsonObject, alias: string | undefined): Kept {
  return {
    ...(typeof label === "string" && { label }),
    ...(typeof description === "string" && { description }),
    ...(alias !== undefined && { alias }),
  };
}

function columnKept(column: Column, said: JsonObject, on: FieldsOf): Partial<KeptColumn> {
  const { picklist, validation, db_function: functions } = said;
  return {
    ...(Array.isArray(picklist) && { picklist: picklist.map(String) }),
    ...(isObject(validation) && { validation }),
    ...(Array.isArray(functions) && functionsOf(column, functions as readonly JsonObject[], on)),
  };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is known of a column whose expressions were worked out already: its type is what they gave. */
export function withoutExpressions(facts: ColumnFacts & Pick<KeptColumn, "expressions">): ColumnFacts & KeptColumn {
  const { expressions, ...rest } = facts;
  return expressions?.select === undefined ? rest : { ...rest, isVirtual: true };
}

/** Whether an expression makes the values that are read, so that their type may be another than that of the column. */
export function isExpressed({ isVirtual, expressions }: Column): boolean {
  return isVirtual === true || expressions?.select !== undefined;
}

/** The types that say who fills a column. */
const AUTOMATIC: ReadonlySet<string> = new Set<Automatic>([
  "user_id_on_create",
  "user_id_on_update",
  "timestamp_on_create",
  "timestamp_on_update",
]);

function typeOf({ type }: JsonObject): Partial<Column> {
  if (typeof type !== "string") return {};
  return { type: type as SimpleType, ...(AUTOMATIC.has(type) && { automatic: type as Automatic }) };
}

function functionsOf(
  column: Pick<Column, "nativeName">,
  functions: readonly JsonObject[],
  on: FieldsOf,
): Partial<KeptColumn> {
  const { nativeName } = column;
  if (on.isLink(nativeName)) {
    on.tell(on.table.name, `Field '${nativeName}' identifies records or relates them: it can have no db_function.`);
    return {};
  }
  const expressions: { -readonly [use in keyof ColumnExpressions]: ExpressionText } = {};
  for (const { use, function: text } of functions) {
    for (const each of Array.isArray(use) ? (use as readonly Use[]) : []) {
      const isWrite = each === "INSERT" || each === "UPDATE";
      const parts = partsOf(String(text), nativeName, { ...on, isWrite });
      if (parts !== undefined) expressions[USES[each]] = parts;
    }
  }
  return { functions, expressions };
}

const USES: Readonly<Record<Use, keyof ColumnExpressions>> = {
  SELECT: "select",
  FILTER: "filter",
  INSERT: "insert",
  UPDATE: "update",
};

/** `undefined` when it names a field that is not. */
function partsOf(
  text: string,
  self: string,
  { table, names, tell, isWrite }: FieldsOf & { readonly isWrite: boolean },
): ExpressionText | undefined {
  const parts: ExpressionPart[] = [];
  for (const piece of piecesOf(text)) {
    if (typeof piece === "string") parts.push(piece);
    else if (piece.name.toLowerCase() === "value") parts.push(isWrite ? { value: true } : { column: self });
    else {
      const own = ({ nativeName }: Column) => piece.name === nativeName;
      const called = ({ nativeName }: Column) => piece.name === names.field(table.name, nativeName);
      const found = table.columns.find(own) ?? table.columns.find(called);
      if (found === undefined || isWrite) {
        tell(table.name, `Field '${self}': its db_function names '{${piece.name}}', which it can not.`);
        return undefined;
      }
      parts.push({ column: found.nativeName });
    }
  }
  return parts;
}

function virtualColumn(name: string, said: JsonObject, on: FieldsOf): Column | undefined {
  const called = on.names.field(on.table.name, name);
  const type = typeof said.type === "string" ? (said.type as SimpleType) : "string";
  const functions = Array.isArray(said.db_function) ? (said.db_function as readonly JsonObject[]) : [];
  const { expressions } = functionsOf({ nativeName: name }, functions, { ...on, isLink: () => false });
  const namesItself = [expressions?.select, expressions?.filter].some((parts) =>
    parts?.some((part) => typeof part === "object" && "column" in part && part.column === name),
  );
  if (expressions?.select === undefined || namesItself) {
    on.tell(
      on.table.name,
      `Virtual field '${name}' needs a db_function for SELECT that does not name the field itself.`,
    );
    return undefined;
  }
  const isAggregate = isTrue(said.is_aggregate);
  const facts = { name: called, nativeName: name, type, family: familyOf(type), ...VIRTUAL };
  return { ...facts, ...keptOf(said, called !== name ? called : undefined), functions, expressions, isAggregate };
}

const VIRTUAL = {
  isVirtual: true,
  dbType: "",
  length: null,
  precision: null,
  scale: null,
  default: null,
  hasDefault: false,
  allowNull: true,
  generated: true,
  isKey: false,
  isUnique: false,
  isIndexed: false,
};

const FAMILIES: Readonly<Partial<Record<SimpleType, Family>>> = {
  decimal: "decimal",
  money: "decimal",
  double: "float",
  float: "float",
  boolean: "boolean",
  binary: "binary",
  date: "date",
  time: "time",
  timetz: "time",
  datetime: "datetime",
  timestamp: "datetime",
  timestamp_on_create: "datetime",
  timestamp_on_update: "datetime",
  datetimetz: "datetimetz",
  timestamptz: "datetimetz",
  json: "json",
  jsonb: "json",
  array: "json",
  object: "json",
  uuid: "uuid",
  string: "string",
  text: "string",
  mediumtext: "string",
  longtext: "string",
};

/** All other simple types are integers. */
function familyOf(type: SimpleType): Family {
  return FAMILIES[type] ?? "integer";
}
