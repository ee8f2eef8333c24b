import { Fault } from "../../../contract/fault.ts";
import type { NewType } from "../../schema/change.ts";
import type { Value } from "../../values.ts";

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A text in quotes, as standard SQL has it: a backslash is an ordinary character. Raises `bad_request` for NUL. */
export function textLiteral(text: string): string {
  if (text.includes("\0")) throw new Fault("bad_request", "A default can not hold the character NUL.");
  return `'${text.replaceAll("'", "''")}'`;
}

/** Bytes in hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** How a database writes its literals: the rest is the same for all. */
export interface LiteralWords {
  readonly booleans: readonly [no: string, yes: string];
  text(text: string): string;
  bytes(hex: string): string;
}

export const standardWords: LiteralWords = {
  booleans: ["FALSE", "TRUE"],
  text: textLiteral,
  bytes: (hex) => `X'${hex}'`,
};

const NUMBERS: readonly unknown[] = ["integer", "decimal", "float"];

/** A checked value as SQL. Only what is a number by its characters stands without quotes. */
export function literalOf(value: NonNullable<Value>, { family }: Pick<NewType, "family">, words: LiteralWords): string {
  if (typeof value === "boolean") return words.booleans[value ? 1 : 0];
  if (value instanceof Uint8Array) return words.bytes(hexOf(value));
  if (typeof value !== "string") return words.text(JSON.stringify(value));
  return NUMBERS.includes(family) && NUMBER.test(value) ? value : words.text(value);
}
