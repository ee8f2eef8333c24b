import { Fault } from "../../src/contract/fault.ts";
import { ansi, type Bind, type Dialect } from "../../src/db/sql/dialect.ts";
import { bindInside, bindValue } from "./bind.ts";
import { columnRules, groupValue, isCell } from "./column-rules.ts";
import { sqliteDdl } from "./ddl.ts";
import { decoderOf } from "./decode.ts";

/** SQL as SQLite speaks it. */
export const sqlite: Dialect = {
  ...ansi,
  // Such a statement stays prepared; a longer one takes longer for each row.
  bulkValues: 500,
  ddl: sqliteDdl,
  foldTable: foldAscii,
  foldColumn: foldAscii,
  bind: bindValue,
  decoder: decoderOf,
  /** JSON may also be kept in SQLite's own binary form, which is written out as text. */
  read(column, reference) {
    if (column.family !== "json" || isCell(column)) return reference;
    return `CASE WHEN typeof(${reference}) = 'blob' AND json_valid(${reference}, 8) THEN json(${reference}) ELSE ${reference} END`;
  },
  operand(left, reference, bind) {
    return left.path.length === 0 ? reference : insideJson(left.as, reference, pathText(left.path), bind);
  },
  compare(left, operand, op, value, bind) {
    const bound = left.path.length > 0 ? bindInside(left, value) : this.bind(left.column, value);
    return `${operand} ${op} ${bind(bound)}`;
  },
  /** A pattern of SQLite ends at the first NUL, and would match far more than it says. */
  match(left, operand, how, text, bind) {
    if (!text.includes("\0")) return ansi.match(left, operand, how, text, bind);
    throw new Fault("bad_request", `Field '${left.column.name}' can not be matched with the character NUL.`);
  },
  // A transaction has the file to itself from its beginning.
  lock: "",
  columnRules,
  nullIs: "smallest",
  groupValue,
  /** SQLite has no OFFSET without LIMIT; a negative one means none. */
  page(limit, offset, bind) {
    const first = limit === undefined ? (offset === 0 ? "" : " LIMIT -1") : ` LIMIT ${bind(limit)}`;
    return offset === 0 ? first : `${first} OFFSET ${bind(offset)}`;
  },
};

/** SQLite compares names by their ASCII letters alone. */
function foldAscii(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** `["a b", 0]` → `$."a b"[0]`: keys are JSON strings, so that no key reads as anything else. */
function pathText(path: readonly (string | number)[]): string {
  return `$${path.map((key) => (typeof key === "number" ? `[${key}]` : `.${JSON.stringify(key)}`)).join("")}`;
}

/**
 * The value at a place inside JSON, as number, as boolean, or else as text; NULL where it is of another kind. Text that
 * is not JSON holds no places.
 */
function insideJson(as: string, reference: string, path: string, bind: Bind): string {
  const kind = () => `json_type(${reference}, ${bind(path)})`;
  const value = () => `json_extract(${reference}, ${bind(path)})`;
  const branches = () => {
    if (as === "float") return `CASE WHEN ${kind()} IN ('integer', 'real') THEN ${value()} END`;
    if (as === "boolean") return `CASE ${kind()} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END`;
    return `CASE ${kind()} WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(${value()} AS TEXT) END`;
  };
  return `CASE WHEN json_valid(${reference}, 9) THEN ${branches()} END`;
}
