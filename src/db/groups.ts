import { Fault } from "../contract/fault.ts";
import type { Condition } from "./filter/condition.ts";
import { parseFilter } from "./filter/parser.ts";
import type { GroupFunction } from "./types.ts";

/** A function of the rows of a group as said: `SUM(balance)`, `COUNT(DISTINCT country)`. */
export interface Aggregate {
  readonly fn: GroupFunction;
  /** `undefined` = the rows themselves: `COUNT(*)`. */
  readonly field: string | undefined;
  readonly distinct: boolean;
}

/** What a request asks of groups of rows: names, nothing checked against a catalog yet. */
export interface GroupQuery {
  /** What `group` names; nothing = all rows are one group. */
  readonly by: readonly string[];
  /** What `fields` says; nothing = what `group` names. */
  readonly values: readonly (string | Aggregate)[];
  readonly having: Condition | undefined;
}

/** What the three parameters say, names still in their quotes. */
export interface SaidGroups {
  readonly fields: readonly string[];
  readonly group: readonly string[];
  readonly having: string;
}

const FUNCTION = /^(sum|count|avg|min|max)\s*\((.*)\)$/is;
const DISTINCT = /^distinct\s+(.*)$/is;
const LONGEST = 300;

/** What a comma does not split: the parentheses of a function. */
export const FUNCTION_CALL = /^\s*(?:sum|count|avg|min|max)\s*$/i;

/** Reads a function of groups, or gives `undefined` for what is none. Raises `bad_request` for one that there is not. */
export function readAggregate(text: string): Aggregate | undefined {
  const parts = text.length > LONGEST ? null : FUNCTION.exec(text.trim());
  if (parts === null) return undefined;
  const fn = (parts[1] ?? "").toLowerCase() as GroupFunction;
  const inner = (parts[2] ?? "").trim();
  const ofDistinct = DISTINCT.exec(inner)?.[1]?.trim();
  const said = ofDistinct ?? inner;
  if (said === "*" && (fn !== "count" || ofDistinct !== undefined)) {
    throw new Fault("bad_request", `The function ${fn.toUpperCase()} needs a field: only COUNT(*) takes '*'.`);
  }
  return { fn, field: said === "*" ? undefined : unquoteName(said), distinct: ofDistinct !== undefined };
}

/** Reads what is asked of groups; `undefined` when rows are asked for. Raises `bad_request`. */
export function readGroups({ fields, group, having }: SaidGroups): GroupQuery | undefined {
  const values = fields.map((each) => readAggregate(each) ?? each);
  if (group.length === 0 && values.every((value) => typeof value === "string")) {
    if (having.trim() === "") return undefined;
    throw new Fault("bad_request", "The parameter 'having' needs 'group', or a function in 'fields'.");
  }
  if (values.includes("*")) {
    throw new Fault(
      "bad_request",
      "The field '*' can not stand beside groups: name the fields of 'group', or functions.",
    );
  }
  const named = values.map((value) => (typeof value === "string" ? unquoteName(value) : value));
  return { by: group.map(unquoteName), values: named, having: readHaving(having) };
}

/** The grammar of filters; what is wrong is told of `having`. */
function readHaving(text: string): Condition | undefined {
  try {
    return parseFilter(text);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(error.code, error.message.replace(/^Invalid filter/, "Invalid having"));
  }
}

/** A name may stand in backticks or brackets, as in a filter. */
export function unquoteName(name: string): string {
  if (name.length > 2 && name.startsWith("`") && name.endsWith("`")) return name.slice(1, -1).replaceAll("``", "`");
  if (name.length > 2 && name.startsWith("[") && name.endsWith("]")) return name.slice(1, -1).replaceAll("]]", "]");
  return name;
}
