import type { ColumnFacts } from "../../src/db/catalog.ts";
import type { Family, SimpleType } from "../../src/db/types.ts";

/** What the client library says of a column of a result. */
export interface Field {
  readonly name: string;
  readonly columnType: number;
  readonly columnLength: number;
  readonly characterSet: number;
  /** Digits of a second, for times. */
  readonly decimals: number;
  /** MariaDB: the format of a text, such as `json`. */
  readonly extendedFormat?: string;
}

type Kind = readonly [type: SimpleType, family: Family];

const INTEGER: Kind = ["integer", "integer"];
const DECIMAL: Kind = ["decimal", "decimal"];
const STRING: Kind = ["string", "string"];
const JSON_TREE: Kind = ["json", "json"];

/** By the numbers of the protocol; all others are text, or bytes. */
const KINDS: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [0, DECIMAL],
  [1, ["tinyint", "integer"]],
  [2, ["smallint", "integer"]],
  [3, INTEGER],
  [4, ["float", "float"]],
  [5, ["double", "float"]],
  [7, ["timestamp", "datetime"]],
  [8, ["bigint", "integer"]],
  [9, ["mediumint", "integer"]],
  [10, ["date", "date"]],
  [11, ["time", "time"]],
  [12, ["datetime", "datetime"]],
  [13, INTEGER],
  [16, ["bigint", "integer"]],
  [245, JSON_TREE],
  [246, DECIMAL],
  [255, JSON_TREE],
]);

const TINY = 1;
const FLOAT = 4;
const BIT = 16;
const BYTES = 63;
const MOST_DIGITS = 6;

/** A column of a result with the facts that its decoder needs. */
export function columnOfField(field: Field): ColumnFacts {
  const { name, columnType, columnLength, decimals } = field;
  const [type, family] = kindOf(field);
  const isTime = family === "time" || family === "datetime";
  return {
    name,
    type,
    family,
    dbType: columnType === FLOAT ? "float" : type,
    length: columnLength,
    precision: isTime && decimals <= MOST_DIGITS ? decimals : null,
    scale: null,
    default: null,
    hasDefault: false,
    allowNull: true,
  };
}

function kindOf({ columnType, columnLength, characterSet, extendedFormat }: Field): Kind {
  if ((columnType === TINY || columnType === BIT) && columnLength === 1) return ["boolean", "boolean"];
  if (extendedFormat === "json") return JSON_TREE;
  const known = KINDS.get(columnType);
  return known ?? (characterSet === BYTES ? ["binary", "binary"] : STRING);
}
