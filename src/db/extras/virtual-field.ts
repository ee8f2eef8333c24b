import type { JsonObject } from "../../contract/json.ts";
import { isTrue } from "../../lib/schema.ts";
import type { Column } from "../catalog.ts";
import type { Family, SimpleType } from "../types.ts";
import { type FieldsOf, functionsOf } from "./expressions.ts";
import { keptOf } from "./kept.ts";

/** A field that an expression makes; `undefined` when it has none. */
export function virtualColumn(name: string, said: JsonObject, on: FieldsOf): Column | undefined {
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
