import type { Call, Params, Verb } from "../contract/call.ts";
import { Fault } from "../contract/fault.ts";
import type { Json } from "../contract/json.ts";
import { isRawNumber, parseJson } from "../lib/json.ts";
import { splitList } from "../lib/list.ts";
import { isTrue } from "../lib/schema.ts";
import { optionsOf } from "./envelope.ts";

/** The parameters of the dialect with their other names. */
const ALIASES = {
  fields: ["select"],
  filter: ["where"],
  params: [],
  order: ["sort", "order_by"],
  group: ["group_by"],
  having: [],
  limit: ["top"],
  offset: ["skip"],
  related: [],
  ids: [],
  id_field: [],
  id_type: [],
  count_only: [],
  include_count: [],
  include_schema: [],
  include_access: [],
  continue: [],
  rollback: [],
  force: [],
  upsert: [],
  check_exist: [],
  allow_related_delete: [],
  as_list: [],
  as_access_list: [],
  refresh: [],
  strict: [],
  cursor: [],
  count: [],
  file: [],
  csv_safe: [],
} as const satisfies Record<string, readonly string[]>;

export type OptionName = keyof typeof ALIASES;

/** Parameters that are meant for other rooms, and so are never unknown. */
const FOREIGN = new Set(["api_key", "session_token", "accept", "method", "_method"]);
const KNOWN = new Set(Object.entries(ALIASES).flatMap(([name, aliases]) => [name, ...aliases]));

const OF_RELATED = /.[._](?:fields|limit|order|group|filter|offset)$/s;

/** Whether a field of a body is an option of the dialect, by any of its names. */
export function isOptionName(name: string): boolean {
  return KNOWN.has(name) || (name.includes(".") && OF_RELATED.test(name));
}

/** The options of a request, from its query and, beside `resource`, from its body; the query wins. */
export class Options {
  readonly #params: Params;
  readonly #body: Readonly<Record<string, Json>>;
  readonly verb: Verb;

  constructor(params: Params, body: Json | undefined, verb: Verb) {
    this.verb = verb;
    this.#params = params;
    this.#body = optionsOf(body, verb, isOptionName);
  }

  /** The option as it stands: text from the query, any JSON from the body. */
  raw(name: OptionName): Json | undefined {
    for (const alias of [name, ...ALIASES[name]]) {
      const value = this.#params.get(alias);
      if (value !== undefined) return value;
    }
    for (const alias of [name, ...ALIASES[name]]) {
      if (Object.hasOwn(this.#body, alias)) return this.#body[alias];
    }
    return undefined;
  }

  /** What is not one of the options by name: from the body, then from the query, which wins. */
  others(): readonly (readonly [string, Json])[] {
    return [...Object.entries(this.#body), ...this.#params].filter(([name]) => !KNOWN.has(name));
  }

  text(name: OptionName): string | undefined {
    const value = this.raw(name);
    if (value === undefined || value === null) return undefined;
    return Array.isArray(value) ? value.map(plainText).join(",") : plainText(value);
  }

  flag(name: OptionName): boolean {
    return isTrue(this.raw(name));
  }

  /** `call` is what groups what stands in the parentheses behind it. */
  list(name: OptionName, call?: RegExp): readonly string[] | undefined {
    const value = this.raw(name);
    if (Array.isArray(value)) return value.map(plainText);
    const text = this.text(name);
    return text === undefined ? undefined : splitList(text, call);
  }

  /** JSON from the body as it is; text from the query parsed where it begins an object or array. */
  value(name: OptionName): Json | undefined {
    const value = this.raw(name);
    if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
    try {
      return parseJson(value);
    } catch {
      throw new Fault("bad_request", `The parameter '${name}' is not valid JSON.`);
    }
  }

  /** Raises `bad_request` for a query parameter that the dialect does not have. */
  refuseUnknown(): void {
    for (const name of this.#params.keys()) {
      if (!KNOWN.has(name) && !FOREIGN.has(name) && !OF_RELATED.test(name)) throw unknownParameter(name);
    }
  }
}

/** Whether a call asks to have nothing that was read before it. */
export function isRefresh({ params, verb }: Pick<Call, "params" | "verb">): boolean {
  return new Options(params, undefined, verb).flag("refresh");
}

export function unknownParameter(name: string): Fault {
  return new Fault("bad_request", `Unknown parameter '${name.slice(0, 64)}'.`);
}

/** JSON as text. Not by `String`: an object that has a `toString` of its own, or a number kept as its digits, is none. */
function plainText(value: Json): string {
  if (isRawNumber(value)) return value.rawJSON;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
