import type { Call } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { JsonObject } from "../../contract/json.ts";
import type { Access } from "../../contract/service.ts";
import type { Catalog } from "../catalog.ts";
import { withExtras } from "./apply.ts";
import type { ExtrasEdit } from "./edit.ts";
import { extrasOf, ownOf } from "./names.ts";

/** Who changes extras, and where. */
export interface ExtrasCaller {
  readonly access: Pick<Access, "verbs">;
  readonly call: Pick<Call, "principal">;
  /** The name of the service with this id. */
  serviceName?(id: number): string | undefined;
}

/**
 * Raises `bad_request` for changed extras that do not fit the tables of the database: an alias that is taken, a virtual
 * relationship to what is not; a table that is not in the catalog is not looked at. Raises `forbidden` for what only an
 * administrator may change, or what would give the caller more than it has.
 */
export function checkExtras(edit: ExtrasEdit, catalog: Catalog, caller: ExtrasCaller): void {
  if (caller.call.principal.kind !== "admin") demandRights(edit, caller);
  const changed = edit.changes();
  const problems: string[] = [];
  const { serviceName } = caller;
  withExtras(catalog.base ?? catalog, edit.after(), {
    ...(serviceName && { serviceName }),
    tell: (table, problem) => {
      if (Object.hasOwn(changed, table)) problems.push(problem);
    },
  });
  const [first] = problems;
  if (first !== undefined) throw new Fault("bad_request", first);
}

function demandRights(edit: ExtrasEdit, { access }: ExtrasCaller): void {
  for (const [table, now] of Object.entries(edit.changes())) {
    const before = extrasOf(edit.before, table);
    for (const [field, said] of Object.entries(now?.fields ?? {}))
      if (hasNewFunction(said, ownOf(before.fields ?? {}, field)))
        throw new Fault("forbidden", `Field '${field}': only an administrator may set a db_function.`);
    demandNoMore(nameOf(table, before.table), nameOf(table, now?.table), access);
  }
}

/** A db_function is SQL that sees all that the account of the service sees. */
function hasNewFunction({ db_function: now }: JsonObject, before: JsonObject | undefined): boolean {
  return now !== undefined && JSON.stringify(now) !== JSON.stringify(before?.db_function);
}

function nameOf(own: string, said: JsonObject | undefined): string {
  return typeof said?.alias === "string" ? said.alias : own;
}

/** Rules speak of names: another name must not open what the present one keeps shut. */
function demandNoMore(before: string, now: string, access: ExtrasCaller["access"]): void {
  const rights = (name: string) => access.verbs(["_table", name]) | access.verbs(["_table", name, "*"]);
  if ((rights(now) & ~rights(before)) !== 0)
    throw new Fault("forbidden", `Table '${before}': you may do more with a table named '${now}'.`);
}
