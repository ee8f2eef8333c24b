import { Fault } from "../../contract/fault.ts";
import type { Relation } from "../catalog.ts";
import { Options } from "../options.ts";
import { readQuery } from "../query.ts";
import type { RelatedParam, RelatedQuery } from "../related.ts";
import { demandColumn } from "./names.ts";
import type { ForeignPlan } from "./plan.ts";
import { MAX_DEPTH, tooDeep } from "./relation.ts";
import type { Scope } from "./scope.ts";

/** What is asked of a relationship to another service. */
export interface ForeignAsked {
  readonly relation: Relation;
  readonly paths: RelatedQuery["paths"];
  readonly own: readonly RelatedParam[];
  readonly below: readonly RelatedParam[];
  readonly isOptional: boolean;
}

/** Plans a read of another service: what it asks for is passed on as said, for that service to resolve. Raises `bad_request`. */
export function planForeign(asked: ForeignAsked, { catalog, table }: Scope): ForeignPlan {
  const { relation, paths, own, below, isOptional } = asked;
  const deep = [...paths, ...below.map(({ path }) => path)].find(({ length }) => length >= MAX_DEPTH);
  if (deep !== undefined) throw tooDeep([relation.name, ...deep]);
  const said = new Map(own.map(({ option, value }) => [option, value]));
  if (said.has("group")) throw new Fault("bad_request", "Rows of another service can not be grouped.");
  const { limit, offset } = readQuery(new Options(new Map(), Object.fromEntries(said), "GET"));
  const params = new Map<string, string>();
  for (const option of ["fields", "filter", "order"] as const) {
    const value = said.get(option);
    if (value !== undefined) params.set(option, textOf(value));
  }
  if (paths.length > 0) params.set("related", paths.map(quotedPath).join(","));
  for (const { path, option, value } of below) params.set(`${quotedPath(path)}.${option}`, textOf(value));
  const fields = relation.fields.map((name) => demandColumn(catalog, table, name));
  return { name: relation.name, relation, fields, params, limit, offset, isOptional };
}

function textOf(value: RelatedParam["value"]): string {
  return Array.isArray(value) ? value.map(String).join(",") : String(value);
}

/** Each name in backticks, so that it is read back as the same name. */
function quotedPath(path: readonly string[]): string {
  return path.map((name) => (name === "*" ? name : `\`${name.replaceAll("`", "``")}\``)).join(".");
}
