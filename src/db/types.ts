/** The simple types of the wire contract: what a client sees instead of a database's own type names. */
export const SIMPLE_TYPES = [
  "id",
  "bigid",
  "smallid",
  "mediumid",
  "reference",
  "user_id",
  "user_id_on_create",
  "user_id_on_update",
  "string",
  "text",
  "mediumtext",
  "longtext",
  "integer",
  "tinyint",
  "smallint",
  "mediumint",
  "bigint",
  "decimal",
  "double",
  "float",
  "money",
  "boolean",
  "binary",
  "date",
  "time",
  "timetz",
  "datetime",
  "datetimetz",
  "timestamp",
  "timestamptz",
  "timestamp_on_create",
  "timestamp_on_update",
  "json",
  "jsonb",
  "uuid",
  "array",
  "object",
  "column",
  "ref_cursor",
  "row",
  "table",
] as const;
export type SimpleType = (typeof SIMPLE_TYPES)[number];

/** A function of the rows of a group. */
export type GroupFunction = "sum" | "count" | "avg" | "min" | "max";

/** What values of a type are like, whatever the database: decides how a value is checked and written as JSON. */
export type Family =
  | "integer"
  | "decimal"
  | "float"
  | "boolean"
  | "string"
  | "binary"
  | "date"
  | "time"
  | "datetime"
  | "datetimetz"
  | "json"
  | "uuid"
  | "array"
  /** Checked values are EWKT. */
  | "geometry";
