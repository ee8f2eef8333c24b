import type { Call, Reply, Verb } from "../contract/call.ts";
import type { SchemaExtras } from "../contract/extras.ts";
import { Fault } from "../contract/fault.ts";
import type { Access, Service, ServiceHost } from "../contract/service.ts";
import { Gate } from "../lib/gate.ts";
import { rememberLast } from "../lib/remember-last.ts";
import { cachedConnector, forgetAll, type Keeping } from "./cache/connector.ts";
import { type Catalog, findColumn, findRelation, findTable, type Table } from "./catalog.ts";
import { Catalogs, now } from "./catalogs.ts";
import type { DatabaseConfig } from "./config.ts";
import type { Connector } from "./connector.ts";
import { recordFields } from "./envelope.ts";
import { connectFault, DatabaseError, faultOf } from "./errors.ts";
import { withExtras } from "./extras/apply.ts";
import { listRoot, listTables } from "./listing.ts";
import { refuseMisplaced } from "./misplaced.ts";
import { runOperations } from "./operations/run.ts";
import { isRefresh, Options } from "./options.ts";
import { demandTable, shown } from "./plan/names.ts";
import { readQuery } from "./query.ts";
import { RESOURCE_OF } from "./routine/catalog.ts";
import { Routines } from "./routine/service.ts";
import { readSchema } from "./schema/read.ts";
import { mayBeStale, StaleCatalog } from "./stale.ts";
import { deleteCollection, deleteRecord, updateCollection, updateRecord } from "./table/change.ts";
import { refuseConditions } from "./table/conditional.ts";
import { scopeOf, type TableCall, withNames } from "./table/context.ts";
import { createRecords } from "./table/create.ts";
import { HeldUpload } from "./table/held-upload.ts";
import { readCollection, readRecord } from "./table/read.ts";
import { answersWithRelated } from "./table/related-answers.ts";
import { withJsonFields, withJsonOfTexts } from "./table/texts.ts";
import { createUploaded } from "./table/upload.ts";

/** No page is larger, whatever a service or a request says. */
const MOST_RECORDS = 100_000;

type Verbs<T> = Readonly<Partial<Record<Verb, T>>>;

const COLLECTION: Verbs<(on: TableCall) => Promise<Reply>> = {
  GET: readCollection,
  POST: (on) => (on.call.upload ? createUploaded(on, on.call.upload) : createRecords(on)),
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
  /** The catalog was read for this very call: what it lacks is not there. */
  readonly isFresh: boolean;
  /** It is a part of a transaction, during which nothing may wait for another connection. */
  readonly isPart?: boolean;
}

class DatabaseService implements Service {
  readonly #host: ServiceHost;
  readonly #connector: Connector;
  readonly #config: DatabaseConfig;
  readonly #catalogs: Catalogs;
  readonly #routines: Routines;
  readonly #uploads: Gate | undefined;
  /** How answers are kept, if they are. */
  readonly #keeping: Keeping | undefined;
  /** The stamp of the extras at the last call: with another one the schema may have changed on another node. */
  #stamp: string | undefined;
  readonly #withExtras = rememberLast((catalog: Catalog, extras: SchemaExtras) =>
    withExtras(catalog, extras, {
      serviceId: this.#host.extras?.serviceId,
      serviceName: (id) => this.#host.extras?.serviceName(id),
    }),
  );

  constructor(host: ServiceHost, connector: Connector, config: DatabaseConfig) {
    this.#host = host;
    this.#connector = connector;
    this.#config = config;
    this.#uploads = uploadGate(host, config);
    if (config.cache_enabled && host.cache) this.#keeping = { cache: host.cache, ttlSeconds: config.cache_ttl };
    this.#catalogs = new Catalogs({
      read: (signal) => connector.introspect(signal),
      maxAgeMs: config.schema_refresh_s * 1000,
      timeoutMs: config.statement_timeout_ms,
    });
    this.#routines = new Routines({
      connector,
      maxAgeMs: config.schema_refresh_s * 1000,
      timeoutMs: config.statement_timeout_ms,
      changed: async () => this.#keeping && forgetAll(this.#keeping),
    });
  }

  async handle(call: Call, access: Access): Promise<Reply> {
    try {
      if (!ROUTINES.has(call.path[0] ?? "")) return await this.#handleTwice(call, access);
      return await this.#routines.handle({ call, access, connector: this.#connector }, isRefresh(call));
    } catch (error) {
      throw error instanceof DatabaseError ? faultOf(error, this.#host.name) : error;
    } finally {
      if (this.#keeping && mayChangeAnything(call)) await forgetAll(this.#keeping);
    }
  }

  /** A name that the catalog lacks, or that the database no longer has, may mean that the catalog is out of date. */
  async #handleTwice(call: Call, access: Access): Promise<Reply> {
    const began = now();
    const catalog = await (isRefresh(call) ? this.#newerCatalog(began) : this.#catalog());
    const isFresh = this.#catalogs.isNewerThan(began);
    const visit = { call, access, catalog, connector: this.#connectorFor(call, catalog), isFresh };
    try {
      return await this.#route(visit);
    } catch (error) {
      if (!(error instanceof StaleCatalog) && !this.#mayBeStale(visit, error)) throw error;
      return this.#route({ ...visit, catalog: await this.#newerCatalog(began), isFresh: true });
    }
  }

  #mayBeStale({ call, isFresh }: Visit, error: unknown): boolean {
    return !isFresh && mayBeStale(error, (field) => this.#catalogs.isWorthReading(call.path.join("/"), field));
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

  /** Answers may come from the cache, unless the call asks for new ones. */
  #connectorFor(call: Call, catalog: Catalog): Connector {
    if (this.#keeping === undefined) return this.#connector;
    return cachedConnector(this.#connector, { ...this.#keeping, catalog, isFresh: isRefresh(call) });
  }

  async #route(visit: Visit): Promise<Reply> {
    const { call, access, catalog } = visit;
    const [resource] = call.path;
    if (resource === undefined)
      return only(call, "GET", () => listRoot({ call, access, catalog, routines: this.#routines }));
    if (resource === "_table") return this.#routeTable(visit);
    if (resource === "_batch" && call.path.length === 1) return this.#routeBatch(visit);
    if (resource === "_schema") return this.#routeSchema(visit);
    throw notFound(call, resource);
  }

  #routeBatch(visit: Visit): Promise<Reply> {
    const { call, access, connector } = visit;
    if (call.verb !== "POST") throw methodNotAllowed(call.verb, ["POST"]);
    let { catalog } = visit;
    return runOperations({
      call,
      access,
      connector,
      route: (part, inside) => this.#routeTable({ ...visit, call: part, catalog, connector: inside, isPart: true }),
      learn: async (part) => {
        catalog = await this.#catalogFor(part, part.path[1] ?? "", catalog);
      },
      mayBeStale: (error) => this.#mayBeStale(visit, error),
    });
  }

  async #routeSchema({ call, access, catalog }: Visit): Promise<Reply> {
    const on = { call, access, catalog, options: new Options(call.params, call.body, call.verb) };
    if (call.verb === "GET") return readSchema(on);
    const { changeSchema } = await import("./schema/write.ts");
    return changeSchema({ ...on, connector: this.#connector, extras: this.#host.extras, renew: () => this.#renewed() });
  }

  /** The catalog after a change that this very call has made. */
  #renewed(): Promise<Catalog> {
    this.#catalogs.forget();
    this.#stamp = this.#host.extras?.current().stamp;
    return this.#catalog();
  }

  async #routeTable(visit: Visit): Promise<Reply> {
    const { call, access, catalog: known } = visit;
    const [, tableName, id, ...rest] = call.path;
    if (tableName === undefined) return only(call, "GET", () => listTables(call, access, known));
    const catalog = visit.isPart ? known : await this.#catalogFor(call, tableName, known);
    const table = demandTable(catalog, tableName);
    if (rest[0] !== undefined) throw notFound(call, rest[0]);
    const on = this.#tableCall({ ...visit, catalog }, table);
    if (id !== undefined || call.verb !== "GET") refuseMisplaced(on.query);
    if (id === undefined && call.verb !== "GET") refuseConditions(call);
    const answers = async (handle: (on: TableCall) => Promise<Reply>) => {
      const work = call.verb === "GET" ? handle(on) : answersWithRelated(on, handle);
      return withJsonFields(table, await withNames(table, work));
    };
    if (id === undefined) return answers(demandVerb(COLLECTION, call));
    if (call.verb === "POST")
      throw new Fault("bad_request", "A record is created on its table, without an identifier in the path.");
    const handle = demandVerb(RECORD, call);
    return answers((each) => handle(each, id));
  }

  #tableCall(visit: Visit, table: Table): TableCall {
    const { call: said, access, catalog, connector } = visit;
    const call = withJsonOfTexts(said, catalog, table);
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
      ...(this.#uploads && { uploads: this.#uploads }),
      ...(visit.isPart && { isPart: true }),
      mayBeStale: (error) => this.#mayBeStale(visit, error),
    };
  }

  /** A record may hold a field that was added to the table a moment ago; it would be ignored in silence. */
  async #catalogFor(call: Call, tableName: string, catalog: Catalog): Promise<Catalog> {
    const table = findTable(catalog, tableName);
    if (table === undefined) return catalog;
    const fields = call.upload ? await HeldUpload.of(call.upload).fields() : recordFields(call.body, call.verb);
    const unknown = [...fields].filter((name) => !findColumn(catalog, table, name) && !findRelation(table, name));
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

  async refresh(): Promise<void> {
    this.#catalogs.forget();
    this.#routines.forget();
    if (this.#keeping) await forgetAll(this.#keeping);
  }

  close(): Promise<void> {
    return this.#connector.close();
  }
}

/**
 * Lets uploads hold half of the connections at most: they do so while their clients send. Where connections belong to
 * requests (on Workers), none takes another's.
 */
function uploadGate({ scope }: ServiceHost, { pool }: DatabaseConfig): Gate | undefined {
  return scope || pool === undefined ? undefined : new Gate(Math.max(1, Math.floor((pool.max ?? 1) / 2)), pool.wait_ms);
}

const ROUTINES = new Set<string>(Object.values(RESOURCE_OF));

/** Nobody knows what a routine or a change of the schema touches; writes to tables tell themselves what they do. */
function mayChangeAnything({ verb, path: [resource] }: Call): boolean {
  return verb !== "GET" && resource !== "_table" && resource !== "_batch";
}

function only<T>(call: Call, verb: Verb, handle: () => T): T {
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
