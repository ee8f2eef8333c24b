import type { Call } from "../../contract/call.ts";
import type { Access, Seal } from "../../contract/service.ts";
import type { Gate } from "../../lib/gate.ts";
import { newEffort } from "../../lib/regex-automaton.ts";
import type { Catalog, Table } from "../catalog.ts";
import type { Connector } from "../connector.ts";
import { DatabaseError } from "../errors.ts";
import { lookupOf } from "../lookups.ts";
import type { Outcome, Plan } from "../plan/plan.ts";
import type { Scope } from "../plan/predicate.ts";
import type { PageSize } from "../plan/read.ts";
import type { Query } from "../query.ts";

/** What the handlers of one table share during one call. */
export interface TableCall {
  readonly call: Call;
  readonly access: Access;
  readonly catalog: Catalog;
  readonly table: Table;
  readonly query: Query;
  /** The query of the request, where `query` is a part of it. */
  readonly asked?: Query;
  readonly scope: Scope;
  readonly connector: Connector;
  readonly size: PageSize;
  readonly allowUpsert: boolean;
  /** Begins what there is to do while the database works on a statement that creates records. */
  readonly meanwhile?: () => void;
  /** Where those wait that hold a connection while their client sends, lest they hold all. */
  readonly uploads?: Gate;
  /** It is a part of a transaction that holds whole or not at all. */
  readonly isPart?: boolean;
  /** Seals what a client only carries back and forth. */
  readonly seal?: Seal;
  /** Whether a newer catalog might mend what a record failed by. Never, where it does not say. */
  readonly mayBeStale?: (error: unknown) => boolean;
}

/** What names and values of a call on a table are resolved against. */
export function scopeOf(call: Call, access: Access, catalog: Catalog, table: Table, query: Query): Scope {
  return {
    catalog,
    table,
    params: query.params,
    lookup: (name) => lookupOf(call.principal, name),
    mayRead: access.allows(call.path, "GET"),
    effort: newEffort(),
    userId: call.principal.kind === "admin" ? call.principal.person.id : null,
    demandOwnRead: () => access.demand(call.path, "GET"),
    demandRead: (other) => access.demand(["_table", other.name], "GET"),
  };
}

/** Runs a plan outside of any transaction. */
export function run(on: TableCall, plan: Plan): Promise<Outcome> {
  return on.connector.run(plan, on.call.signal);
}

/** The work on a table, whose failures name the columns that the database names, or those of its constraint. */
export function withNames<T>(table: Table, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => Promise.reject(named(error, table)));
}

/** An error of the database with the columns named by the catalog, for a message that a person can use. */
export function named(error: unknown, table: Table): unknown {
  if (!(error instanceof DatabaseError)) return error;
  const { kind, constraint, connect } = error;
  const columns = (constraint === undefined ? undefined : constraintColumns(table, constraint)) ?? error.columns;
  const known = columns.flatMap((name) => table.columns.find((column) => column.nativeName === name)?.name ?? []);
  return new DatabaseError(kind, { columns: known, connect, constraint, cause: error.cause });
}

function constraintColumns(table: Table, constraint: string): readonly string[] | undefined {
  const index = table.indexes.find((each) => each.name === constraint);
  if (index) return index.columns;
  const isKey = constraint === "PRIMARY" || constraint === `${table.nativeName}_pkey`;
  return isKey ? table.key.map((column) => column.nativeName) : undefined;
}
