import { Fault } from "../../../contract/fault.ts";
import type { NewType } from "../../schema/change.ts";
import type { Ddl, TypeRule } from "./ddl.ts";

const LONGEST = 80;
const NATIVE = /^([a-z]\w*(?: [a-z]\w*)*)(?: ?\((\d{1,5}(?: ?, ?\d{1,5})?)\))?((?: [a-z]+)*)((?:\[\])*)$/i;

/** A type as CREATE TABLE has it. Raises `bad_request` for a type of its own that the database does not have. */
export function typeText(type: NewType, ddl: Ddl): string {
  const text = type.native === undefined ? sized(ddl.types[type.simple], type) : nativeText(type.native, ddl);
  return type.multibyte && type.family === "string" && ddl.multibyte ? `${text} ${ddl.multibyte}` : text;
}

function sized(rule: TypeRule, { length, precision, scale, fixedLength }: NewType): string {
  const name = (fixedLength && rule.fixed) || rule.sized;
  if (name === undefined) return rule.text;
  if (rule.size === "length")
    return length === null ? (fixedLength && rule.fixed ? `${name}(1)` : rule.text) : `${name}(${length})`;
  if (rule.size === "digits") return precision === null ? rule.text : `${name}(${precision},${scale ?? 0})`;
  return precision === null ? rule.text : `${name}(${precision})`;
}

function nativeText(said: string, ddl: Ddl): string {
  const text = isNative(said, ddl) ? said.trim() : undefined;
  if (text === undefined)
    throw new Fault("bad_request", `The database type '${said.slice(0, 64)}' is not one of this database.`);
  if (ddl.sizedTypes?.has(text.toLowerCase()))
    throw new Fault("bad_request", `The database type '${text}' needs a size in parentheses.`);
  return text;
}

/** Whether a text is the name of a type of the database, with numbers at most: never free SQL. */
export function isNative(said: string, { nativeTypes }: Pick<Ddl, "nativeTypes">): boolean {
  const text = said.trim();
  const parts = text.length > LONGEST ? null : NATIVE.exec(text);
  if (parts === null) return false;
  const [, name = "", , rest = "", brackets = ""] = parts;
  return nativeTypes.has(`${name}${rest}${brackets === "" ? "" : "[]"}`.toLowerCase());
}
