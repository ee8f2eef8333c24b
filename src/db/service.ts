import type { Call, Reply, Verb } from "../contract/call.ts";
import { Fault } from "../contract/fault.ts";
import type { Access, Service, ServiceHost } from "../contract/service.ts";
import { rememberLast } from "../lib/remember-last.ts";
import { type Catalog, findColumn, type Table } from "./catalog.ts";
import { Catalogs, now } from "./catalogs.ts";
import type { DatabaseConfig } from "./config.ts";
import type { Connector } from "./connector.ts";
import { recordFields } from "./envelope.ts";
import { connectFault, DatabaseError, faultOf } from "./errors.ts";
import { withExtras } from "./extras/apply.ts";
import { listRoot, listTables } from "./listing.ts";
import { Options } from "./options.ts";
import { demandTable, shown } from "./plan/names.ts";
import { readQuery } from "./query.ts";
import { readSchema } from "./schema/read.ts";
import { mayBeStale, StaleCatalog } from "./stale.ts";
import { deleteCollection, deleteRecord, updateCollection, updateRecord } from "./table/change.ts";
import { scopeOf, type TableCall, withNames } from "./table/context.ts";
import { createRecords } from "./table/create.ts";
import { readCollection, readRecord } from "./table/read.ts";

/** No page is larger, whatever a service or a request says. */
const MOST_RECORDS = 100_000;

type Verbs<T> = Readonly<Partial<Record<Verb, T>>>;

const COLLECTION: Verbs<(on: TableCall) => Promise<Reply>> = {
  GET: readCollection,
  POST: createRecords,
  PUT: updateCollection,
  PATCH: updateCollection,
  DELETE: deleteCollection,
};

const RECORD: Verbs<(on: TableCall, id: string) => Promise<Reply>> = {
  GET: readRecord,
  PUT: updateRecord,
  PATCH: updateRecord,
  DELETE: deleteRecord,
};

/** Serves one database: its listing, `_table` and `_schema`. */
export function databaseService(host: ServiceHost, connector: Connector, config: DatabaseConfig): Service {
  return new DatabaseService(host, connector, config);
}

/** One call on its way through the service. */
interface Visit {
  readonly call: Call;
  readonly access: Access;
  readonly catalog: Catalog;
  /** The database, or the transaction that the call is a part of. */
  readonly connector: Connector;
}

class DatabaseService implements Service {
  readonly #host: ServiceHost;
  readonly #connector: Connector;
  readonly #config: DatabaseConfig;
  readonly #catalogs: Catalogs;
  /** The stamp of the extras at the last call: with another one the schema may have changed on another node. */
  #stamp: string | undefined;
  readonly #withExtras = rememberLast(withExtras);

  constructor(host: ServiceHost, connector: Connector, config: DatabaseConfig) {
    this.#host = host;
    this.#connector = connector;
    this.#config = config;
    this.#catalogs = new Catalogs({
      read: (signal) => connector.introspect(signal),
      maxAgeMs: config.schema_refresh_s * 1000,
      timeoutMs: config.statement_timeout_ms,
    });
  }

  async handle(call: Call, access: Access): Promise<Reply> {
    try {
      return await this.#handleTwice(call, access);
    } catch (error) {
      throw error instanceof DatabaseError ? faultOf(error, this.#host.name) : error;
    }
  }

  /** A name that the catalog lacks, or that the database no longer has, may mean that the catalog is out of date. */
  async #handleTwice(call: Call, access: Access): Promise<Reply> {
    const began = now();
    const catalog = await (isRefresh(call) ? this.#newerCatalog(began) : this.#catalog());
    const visit = { call, access, catalog, connector: this.#connector };
    try {
      return await this.#route(visit);
    } catch (error) {
      const worthReading = (field: string) => this.#catalogs.isWorthReading(call.path.join("/"), field);
      if (!(error instanceof StaleCatalog) && !mayBeStale(error, worthReading)) throw error;
      const newer = await this.#newerCatalog(began);
      if (newer === catalog) throw error instanceof StaleCatalog ? error.cause : error;
      return this.#route({ ...visit, catalog: newer });
    }
  }

  /** The tables as they are served: those of the database with what Millrace keeps of them. */
  async #catalog(): Promise<Catalog> {
    const extras = this.#host.extras?.current();
    if (extras === undefined) return this.#catalogs.current();
    const isChanged = this.#stamp !== undefined && this.#stamp !== extras.stamp;
    this.#stamp = extras.stamp;
    return this.#withExtras(await (isChanged ? this.#catalogs.newerThan(now()) : this.#catalogs.current()), extras);
  }

  async #newerCatalog(began: number): Promise<Catalog> {
    const extras = this.#host.extras?.current();
    const catalog = await this.#catalogs.newerThan(began);
    return extras === undefined ? catalog : this.#withExtras(catalog, extras);
  }

  async #route(visit: Visit): Promise<Reply> {
    const { call, access, catalog } = visit;
    const [resource] = call.path;
    if (resource === undefined) return only(call, "GET", () => listRoot(call, access, catalog));
    if (resource === "_table") return this.#routeTable(visit);
    if (resource === "_schema") {
      return only(call, "GET", () =>
        readSchema({ call, access, catalog, options: new Options(call.params, call.body, call.verb) }),
      );
    }
    throw notFound(call, resource);
  }

  async #routeTable(visit: Visit): Promise<Reply> {
    const { call, access, catalog: known } = visit;
    const [, tableName, id, ...rest] = call.path;
    if (tableName === undefined) return only(call, "GET", () => listTables(call, access, known));
    const catalog = await this.#catalogFor(call, tableName, known);
    const table = demandTable(catalog, tableName);
    if (rest[0] !== undefined) throw notFound(call, rest[0]);
    const on = this.#tableCall({ ...visit, catalog }, table);
    if (id === undefined) return withNames(table, demandVerb(COLLECTION, call)(on));
    if (call.verb === "POST")
      throw new Fault("bad_request", "A record is created on its table, without an identifier in the path.");
    return withNames(table, demandVerb(RECORD, call)(on, id));
  }

  #tableCall({ call, access, catalog, connector }: Visit, table: Table): TableCall {
    const query = readQuery(new Options(call.params, call.body, call.verb));
    const { max_records, allow_upsert } = this.#config;
    return {
      call,
      access,
      catalog,
      table,
      query,
      scope: scopeOf(call, access, catalog, table, query),
      connector,
      ...(this.#host.seal && { seal: this.#host.seal }),
      size: { standard: max_records, most: Math.max(max_records, MOST_RECORDS) },
      allowUpsert: allow_upsert,
      worthReading: (field) => this.#catalogs.isWorthReading(call.path.join("/"), field),
    };
  }

  /** A record may hold a field that was added to the table a moment ago; it would be ignored in silence. */
  async #catalogFor(call: Call, tableName: string, catalog: Catalog): Promise<Catalog> {
    const table = demandTable(catalog, tableName);
    const unknown = [...recordFields(call.body, call.verb)].filter((name) => !findColumn(catalog, table, name));
    const worth = unknown.filter((name) => this.#catalogs.isWorthReading(table.name, name));
    return worth.length > 0 ? this.#newerCatalog(now()) : catalog;
  }

  async test(signal: AbortSignal): Promise<void> {
    try {
      await this.#connector.introspect(signal);
    } catch (error) {
      throw connectFault(error);
    }
  }

  refresh(): void {
    this.#catalogs.forget();
  }

  close(): Promise<void> {
    return this.#connector.close();
  }
}

function isRefresh(call: Call): boolean {
  return new Options(call.params, undefined, call.verb).flag("refresh");
}

function only(call: Call, verb: Verb, handle: () => Reply): Reply {
  if (call.verb !== verb) throw methodNotAllowed(call.verb, [verb]);
  return handle();
}

function demandVerb<T>(verbs: Verbs<T>, call: Call): T {
  const handler = verbs[call.verb];
  if (handler === undefined) throw methodNotAllowed(call.verb, Object.keys(verbs));
  return handler;
}

function methodNotAllowed(verb: Verb, allowed: readonly string[]): Fault {
  return new Fault("method_not_allowed", `The verb ${verb} is not served here.`, {
    headers: { Allow: allowed.join(", ") },
  });
}

function notFound(call: Call, resource: string): Fault {
  return new Fault("not_found", `Resource '${shown(resource)}' not found for service '${call.service}'.`);
}
