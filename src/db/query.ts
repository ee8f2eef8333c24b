import { Fault } from "../contract/fault.ts";
import type { Json } from "../contract/json.ts";
import { isJsonObject } from "../lib/json.ts";
import { splitList } from "../lib/list.ts";
import { splitPath } from "../lib/path.ts";
import { type Counting, readCounting } from "./counting.ts";
import type { Condition } from "./filter/condition.ts";
import { parseFilter } from "./filter/parser.ts";
import { type Aggregate, FUNCTION_CALL, type GroupQuery, readAggregate, readGroups, unquoteName } from "./groups.ts";
import { type Options, unknownParameter } from "./options.ts";
import { type RelatedQuery, readRelated } from "./related.ts";

/** One term of `order`, as said. */
export interface OrderTerm {
  readonly field: string;
  /** The field in its parts: the names of relationships may stand before it. */
  readonly path: readonly string[];
  /** What the field says, where that is a function of groups. */
  readonly aggregate?: Aggregate;
  readonly descending: boolean;
  readonly nulls?: "first" | "last";
}

/** What a request asks of a table: names and literal values, nothing checked against a catalog yet. */
export interface Query extends Counting {
  /** `undefined` when the request does not say. */
  readonly fields: "*" | readonly string[] | undefined;
  readonly where: Condition | undefined;
  /** Values of `:name` in the filter, by name without the colon. */
  readonly params: Readonly<Record<string, Json>>;
  readonly order: readonly OrderTerm[];
  readonly limit: number | undefined;
  /** `limit=all`: every row, as it is read. */
  readonly all: boolean;
  readonly offset: number;
  readonly ids: readonly Json[] | undefined;
  readonly idField: readonly string[] | undefined;
  readonly related: RelatedQuery;
  /** `undefined` when rows are asked for, not groups of them. */
  readonly groups: GroupQuery | undefined;
  /** Where a page begins, as an earlier one told it; empty = at the first row. */
  readonly cursor: string | undefined;
  readonly includeSchema: boolean;
  readonly continueOnError: boolean;
  readonly rollback: boolean;
  readonly force: boolean;
  readonly upsert: boolean;
  /** A related record that a write takes from its parent is deleted where it can not be without one. */
  readonly allowRelatedDelete: boolean;
  readonly strict: boolean;
}

/** Reads the query of a request. Raises `bad_request` naming the parameter that is wrong. */
export function readQuery(options: Options): Query {
  const fields = bounded("fields", options.list("fields", FUNCTION_CALL) ?? [], MAX_FIELDS);
  const group = bounded("group", options.list("group") ?? [], MAX_ORDER_TERMS);
  const groups = readGroups({ fields, group, having: options.text("having") ?? "" });
  const query: Query = {
    fields: groups ? undefined : readFields(fields),
    groups,
    where: parseFilter(options.text("filter") ?? ""),
    params: readParams(options.value("params")),
    order: bounded("order", options.list("order", FUNCTION_CALL) ?? [], MAX_ORDER_TERMS).map(readOrderTerm),
    limit: readLimit(options.text("limit")),
    all: isAll(options.text("limit")),
    offset: readOffset(options.text("offset")),
    ids: readIds(options.value("ids")),
    idField: options.list("id_field")?.map(unquoteName),
    related: readRelated(options),
    ...readCounting(options),
    cursor: options.text("cursor"),
    includeSchema: options.flag("include_schema"),
    continueOnError: options.flag("continue"),
    rollback: options.flag("rollback"),
    force: options.flag("force"),
    upsert: options.flag("upsert"),
    allowRelatedDelete: options.flag("allow_related_delete"),
    strict: options.flag("strict"),
  };
  if (query.continueOnError && query.rollback) {
    throw new Fault("bad_request", "The parameters 'continue' and 'rollback' exclude each other.");
  }
  if (query.strict) options.refuseUnknown();
  if (query.strict) refuseUnrelated(query.related);
  return query;
}

/** Where nothing is related, nothing can be said of it. */
function refuseUnrelated({ paths, params, isRead }: RelatedQuery): void {
  const [first] = params;
  if (first !== undefined && paths.length === 0 && !isRead) throw unknownParameter(first.name);
}

const MAX_FIELDS = 4096;
const MAX_ORDER_TERMS = 64;

function bounded<T>(name: string, list: readonly T[], most: number): readonly T[] {
  if (list.length > most) throw new Fault("bad_request", `The parameter '${name}' holds more than ${most} values.`);
  return list;
}

function readFields(names: readonly string[]): Query["fields"] {
  if (names.length === 0) return undefined;
  return names.includes("*") ? "*" : names.map(unquoteName);
}

function readParams(value: Json | undefined): Readonly<Record<string, Json>> {
  if (value === undefined) return {};
  if (!isJsonObject(value)) throw new Fault("bad_request", "The parameter 'params' must be a JSON object.");
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name.replace(/^:/, ""), each]));
}

const MAX_ORDER_TERM = 300;
const ORDER_TERM = /^(.+?)(?:\s+(asc|desc))?(?:\s+nulls\s+(first|last))?$/is;

function readOrderTerm(text: string): OrderTerm {
  // The expression takes quadratic time for a long run of spaces.
  const parts = text.length > MAX_ORDER_TERM ? null : ORDER_TERM.exec(text.trim());
  const [, said, direction = "asc", nulls] = parts ?? [];
  const field = said && unquoteName(said);
  if (!field) throw new Fault("bad_request", "The parameter 'order' must name a field in each of its terms.");
  const descending = direction.toLowerCase() === "desc";
  const aggregate = readAggregate(said ?? "");
  return {
    field,
    path: splitPath(said ?? ""),
    descending,
    ...(aggregate && { aggregate }),
    ...(nulls && { nulls: nullsOf(nulls) }),
  };
}

function nullsOf(text: string): "first" | "last" {
  return text.toLowerCase() === "first" ? "first" : "last";
}

function readLimit(text: string | undefined): number | undefined {
  if (text === undefined || text === "" || isAll(text)) return undefined;
  const limit = wholeNumber(text);
  if (limit === undefined || limit < 1)
    throw new Fault("bad_request", "The parameter 'limit' must be a whole number of at least 1.");
  return limit;
}

function isAll(text: string | undefined): boolean {
  return text?.trim().toLowerCase() === "all";
}

function readOffset(text: string | undefined): number {
  if (text === undefined || text === "") return 0;
  const offset = wholeNumber(text);
  if (offset === undefined)
    throw new Fault("bad_request", "The parameter 'offset' must be a whole number of at least 0.");
  return offset;
}

function wholeNumber(text: string): number | undefined {
  const number = /^\d{1,16}$/.test(text.trim()) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

const MAX_IDS = 1000;

function readIds(value: Json | undefined): readonly Json[] | undefined {
  if (value === undefined || value === null) return undefined;
  const ids = Array.isArray(value)
    ? value
    : splitList(String(typeof value === "object" ? JSON.stringify(value) : value));
  // A client that made an empty list of ids did not mean all rows.
  if (ids.length === 0) throw new Fault("bad_request", "The parameter 'ids' names no record.");
  return bounded("ids", ids, MAX_IDS);
}
