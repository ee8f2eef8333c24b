import type { ColumnFacts } from "../../src/db/catalog.ts";
import { typeFacts } from "./columns.ts";

/** A column as information_schema describes it. */
export interface Described {
  readonly name: string;
  readonly dataType: string;
  readonly columnType: string;
  readonly length: number | null;
  readonly precision: number | null;
  readonly scale: number | null;
  readonly datetimePrecision: number | null;
  readonly characterSet: string;
  readonly default: string | null;
  readonly allowNull: boolean;
  readonly extra: string;
  readonly isMariadb: boolean;
  readonly isJson: boolean;
}

/** Columns that the database fills in whatever is given: computed ones, and the period of a versioned row. */
const GENERATED = /\b(?:VIRTUAL|STORED|PERSISTENT) GENERATED\b/i;
const MULTIBYTE = /^(?:utf|ucs|gb|big5|sjis|cp932|ujis|eucjpms|euckr)/;

export function columnFacts(described: Described): ColumnFacts {
  const facts = described.isJson ? typeFacts("json", "json") : typeFacts(described.dataType, described.columnType);
  const byDefault = defaultOf(described);
  const autoIncrement = /\bauto_increment\b/i.test(described.extra);
  const generated = GENERATED.test(described.extra);
  return {
    ...facts,
    name: described.name,
    dbType: described.columnType,
    length: described.length,
    precision: described.precision ?? described.datetimePrecision,
    scale: described.scale,
    default: generated ? null : byDefault,
    hasDefault: !generated && byDefault !== null,
    allowNull: described.allowNull,
    ...(MULTIBYTE.test(described.characterSet) ? { multibyte: true } : {}),
    ...(autoIncrement ? { autoIncrement } : {}),
    ...(generated ? { generated } : {}),
  };
}

/** `json_valid(j)`, alone or before other conditions, is how MariaDB says that a text is JSON. */
export function jsonColumnOf(clause: string): string | undefined {
  const [, name, rest = ""] = /^json_valid\(`((?:[^`]|``)+)`\)(.*)$/is.exec(clause) ?? [];
  const isAlways = rest === "" || (/^ and /i.test(rest) && !/\bor\b/i.test(rest));
  return isAlways ? name?.replaceAll("``", "`") : undefined;
}

/** The default as its plain value or expression. MariaDB quotes texts and says NULL; MySQL does neither. */
function defaultOf({ default: given, isMariadb }: Described): string | null {
  if (given === null || (isMariadb && given === "NULL")) return null;
  const plain = isMariadb && /^'.*'$/s.test(given) ? given.slice(1, -1).replace(/''|\\(.)/gs, unescaped) : given;
  if (plain !== given) return plain;
  const bits = /^b'([01]+)'$/.exec(given)?.[1];
  if (bits !== undefined) return BigInt(`0b${bits}`).toString();
  return given.replace(
    /^current_timestamp(\(\d*\))?$/i,
    (_, digits = "()") => `CURRENT_TIMESTAMP${digits === "()" ? "" : digits}`,
  );
}

const ESCAPED: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "0": "\0", Z: "\x1a" };

/** One character as the server writes it in a text: a doubled quote, or behind a backslash. */
function unescaped(_: string, char?: string): string {
  return char === undefined ? "'" : (ESCAPED[char] ?? char);
}
