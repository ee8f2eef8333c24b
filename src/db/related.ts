import { Fault } from "../contract/fault.ts";
import type { Json } from "../contract/json.ts";
import { splitPath } from "../lib/path.ts";
import type { Options } from "./options.ts";

/** What a request says of one relationship by a parameter of its own, such as `orders_by_customer_id.limit`. */
export interface RelatedParam {
  /** The parameter as it was named. */
  readonly name: string;
  /** The names before the option, one after the other. */
  readonly path: readonly string[];
  readonly option: RelatedOption;
  readonly value: Json;
}

/** What a request asks of relationships: names, nothing checked against a catalog yet. */
export interface RelatedQuery {
  /** Each a way through relationships; the last name may be `*`. */
  readonly paths: readonly (readonly string[])[];
  readonly params: readonly RelatedParam[];
  /** A read that does not ask for nothing: its answer also holds what is always fetched. */
  readonly isRead: boolean;
}

const RELATED_OPTIONS = ["fields", "filter", "order", "limit", "offset", "group"] as const;
export type RelatedOption = (typeof RELATED_OPTIONS)[number];

/** How many relationships one request may ask for. */
export const MAX_RELATED = 64;

/** Reads what is asked of relationships. Raises `bad_request`. */
export function readRelated(options: Options): RelatedQuery {
  const names = options.list("related") ?? [];
  if (names.length > MAX_RELATED) throw tooManyRelated();
  const params = options.others().flatMap(([name, value]) => readRelatedParam(name, value) ?? []);
  // A parameter of the query stands behind one of the body, and one with a dot is no other than one with a line.
  const last = new Map(params.map((param) => [JSON.stringify([param.path, param.option]), param]));
  const paths = names.map(splitPath);
  for (const path of [...paths, ...params.map((param) => param.path)]) demandShort(path);
  return {
    paths,
    params: [...last.values()],
    isRead: options.verb === "GET" && options.text("related") !== "",
  };
}

/** Nothing asked of relationships. */
export const NOTHING_RELATED: RelatedQuery = { paths: [], params: [], isRead: false };

/** More than that are no way: relationships may follow each other a few times only, and few names hold dots. */
const MAX_NAMES = 32;

function demandShort(path: readonly string[]): void {
  if (path.length > MAX_NAMES)
    throw new Fault("bad_request", `A way through relationships has more than ${MAX_NAMES} names.`);
}

export function tooManyRelated(): Fault {
  return new Fault("bad_request", `The parameter 'related' asks for more than ${MAX_RELATED} relationships.`);
}

const PARAM = new RegExp(`^(.+)[._](${RELATED_OPTIONS.join("|")})$`, "s");

function readRelatedParam(name: string, value: Json): RelatedParam | undefined {
  const [, said, option] = PARAM.exec(name) ?? [];
  return said === undefined ? undefined : { name, path: splitPath(said), option: option as RelatedOption, value };
}
