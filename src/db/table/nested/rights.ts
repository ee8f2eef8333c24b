import type { Table } from "../../catalog.ts";
import { scopeAt } from "../../plan/relation.ts";
import type { Scope } from "../../plan/scope.ts";
import type { TableCall } from "../context.ts";

/** What the caller may do with the rows of another table. */
export interface Rights {
  readonly mayCreate: boolean;
  readonly mayChange: boolean;
}

export function rightsOn({ access }: TableCall, { name }: Table): Rights {
  const component = ["_table", name];
  return {
    mayCreate: access.allows(component, "POST"),
    mayChange: access.allows(component, "PUT") || access.allows(component, "PATCH"),
  };
}

/** Raises `forbidden`. */
export function demandCreate({ access }: TableCall, { name }: Table): void {
  access.demand(["_table", name], "POST");
}

/** Either verb will do. Raises `forbidden`. */
export function demandChange({ access }: TableCall, { name }: Table): void {
  if (!access.allows(["_table", name], "PUT")) access.demand(["_table", name], "PATCH");
}

/** Raises `forbidden`. */
export function demandRemove({ access }: TableCall, { name }: Table): void {
  access.demand(["_table", name], "DELETE");
}

/** What records of another table are resolved against, at a place of the request. */
export function relatedScope({ scope }: TableCall, table: Table, place: string): Scope {
  return { ...scopeAt(scope, table), place: `${place}.` };
}
