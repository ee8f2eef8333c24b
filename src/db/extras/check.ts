import type { Call } from "../../contract/call.ts";
import type { SchemaExtras } from "../../contract/extras.ts";
import { Fault } from "../../contract/fault.ts";
import type { JsonObject } from "../../contract/json.ts";
import type { Access } from "../../contract/service.ts";
import type { Catalog, Table } from "../catalog.ts";
import { withExtras } from "./apply.ts";
import { type ExtrasEdit, editExtras } from "./edit.ts";
import { extrasOf, ownOf } from "./names.ts";

/** Who changes extras, and where. */
export interface ExtrasCaller {
  readonly access: Pick<Access, "verbs">;
  readonly call: Pick<Call, "principal">;
  /** The id of the service whose extras these are. */
  readonly serviceId?: number | undefined;
  /** The name of the service with this id. */
  serviceName?(id: number): string | undefined;
}

/** What only an administrator may change of a field: SQL that sees all that the account of the service sees. */
const ADMINS_ONLY = ["db_function"];

/** Begins a change of extras: what the caller may not change stays, unless it is said otherwise, for {@link checkExtras} to refuse. */
export function editAs({ principal }: Pick<Call, "principal">, current: SchemaExtras): ExtrasEdit {
  return editExtras(current, principal.kind === "admin" ? [] : ADMINS_ONLY);
}

/**
 * Raises `bad_request` for changed extras that do not fit the tables of the database: an alias that is taken, a virtual
 * relationship to what is not; a table that is not in the catalog is not looked at. Raises `forbidden` for what only an
 * administrator may change, or what would give the caller more than it has. Gives the catalog with the extras as they are to be.
 */
export function checkExtras(edit: ExtrasEdit, catalog: Catalog, caller: ExtrasCaller): Catalog {
  const isAdmin = caller.call.principal.kind === "admin";
  const base = catalog.base ?? catalog;
  if (!isAdmin) demandRights(edit, base, caller);
  const changed = edit.changes();
  const problems: string[] = [];
  const { serviceId, serviceName } = caller;
  const options = { serviceId, ...(serviceName && { serviceName }) };
  const after = withExtras(base, edit.after(), {
    ...options,
    tell: (table, problem) => {
      if (Object.hasOwn(changed, table)) problems.push(problem);
    },
  });
  const [first] = problems;
  if (first !== undefined) throw new Fault("bad_request", first);
  if (!isAdmin) demandFunctions(withExtras(base, edit.before, options), after);
  return after;
}

function demandRights(edit: ExtrasEdit, catalog: Catalog, { access }: ExtrasCaller): void {
  for (const [table, now] of Object.entries(edit.changes())) {
    const before = extrasOf(edit.before, table);
    demandSameFunctions(
      before.fields ?? {},
      now?.fields ?? {},
      catalog.tables.find(({ name }) => name === table),
    );
    demandNoMore(nameOf(table, before.table), nameOf(table, now?.table), access);
  }
}

type Fields = Readonly<Record<string, JsonObject>>;

/** What goes with its field is not missed. */
function demandSameFunctions(before: Fields, now: Fields, table: Table | undefined): void {
  for (const field of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const isThere = Object.hasOwn(now, field) || table?.columns.some(({ nativeName }) => nativeName === field);
    if (isThere && functionOf(before, field) !== functionOf(now, field)) throw adminsOnly(field);
  }
}

function functionOf(fields: Fields, field: string): string | undefined {
  return JSON.stringify(ownOf(fields, field)?.db_function);
}

/** A relationship to a field would take its db_function away, since none can stand for a field that relates records. */
function demandFunctions(before: Catalog, after: Catalog): void {
  for (const table of before.tables) {
    const now = after.tables.find((each) => each.schema === table.schema && each.nativeName === table.nativeName);
    for (const { nativeName, isVirtual, expressions } of table.columns) {
      if (expressions === undefined || isVirtual) continue;
      const column = now?.columns.find((each) => each.nativeName === nativeName);
      if (column && JSON.stringify(column.expressions) !== JSON.stringify(expressions)) throw adminsOnly(nativeName);
    }
  }
}

function adminsOnly(field: string): Fault {
  return new Fault("forbidden", `Field '${field}': only an administrator may change its db_function.`);
}

function nameOf(own: string, said: JsonObject | undefined): string {
  return typeof said?.alias === "string" ? said.alias : own;
}

/** Where rules speak of a table. */
const PLACES = ["_table", "_schema"].flatMap((resource) => [[resource], [resource, "*"]]);

/** Rules speak of names: another name must not open what the present one keeps shut. */
function demandNoMore(before: string, now: string, access: ExtrasCaller["access"]): void {
  for (const [resource = "", ...below] of PLACES) {
    const rights = (name: string) => access.verbs([resource, name, ...below]);
    if ((rights(now) & ~rights(before)) !== 0)
      throw new Fault("forbidden", `Table '${before}': you may do more with a table named '${now}'.`);
  }
}
