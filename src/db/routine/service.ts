import type { Call, Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { Access } from "../../contract/service.ts";
import { Catalogs, now } from "../catalogs.ts";
import type { Connector } from "../connector.ts";
import { DatabaseError } from "../errors.ts";
import { shown } from "../plan/names.ts";
import { mayBeStale } from "../stale.ts";
import type { SimpleType } from "../types.ts";
import { answerText } from "./answer.ts";
import { demandBounded } from "./bounds.ts";
import { findRoutine, KIND_OF, makeRoutineCatalog, RESOURCE_OF, type Routine, type RoutineCatalog } from "./catalog.ts";
import type { RoutineFacts, RoutineKind } from "./facts.ts";
import { readRoutinePath } from "./inline.ts";
import { listRoutines, unknownRoutine } from "./list.ts";
import { matchRoutine, title } from "./match.ts";
import type { CallOutcome } from "./plan.ts";
import { type CallRequest, readCall } from "./request.ts";

export interface RoutinesOptions {
  readonly connector: Connector;
  /** The catalog is read again after so many milliseconds; 0 = never by age. */
  readonly maxAgeMs: number;
  readonly timeoutMs: number;
  /** Told after each call that may have changed rows of any table. */
  changed(): Promise<void>;
}

/** One call below `_proc` or `_func`. */
export interface RoutineCall {
  readonly call: Call;
  readonly access: Access;
  readonly connector: Connector;
}

/** Serves `_proc` and `_func` of one database. Their catalog is read at the first such call. */
export class Routines {
  /** Whether databases of this kind have any. */
  readonly exist: boolean;
  readonly #catalogs: Catalogs<RoutineCatalog>;
  readonly #changed: () => Promise<void>;

  constructor({ connector, maxAgeMs, timeoutMs, changed }: RoutinesOptions) {
    const read = async (signal: AbortSignal) => makeRoutineCatalog((await connector.routines?.(signal)) ?? []);
    this.#catalogs = new Catalogs({ read, maxAgeMs, timeoutMs });
    this.#changed = changed;
    this.exist = connector.routines !== undefined;
  }

  catalog(): Promise<RoutineCatalog> {
    return this.#catalogs.current();
  }

  forget(): void {
    this.#catalogs.forget();
  }

  /** A name that the catalog lacks, or a call that does not suit it, may mean that the catalog is out of date. */
  async handle(on: RoutineCall, isFresh: boolean): Promise<Reply> {
    const began = now();
    const catalog = await (isFresh ? this.#catalogs.newerThan(began) : this.catalog());
    try {
      return await this.#route(on, catalog);
    } catch (error) {
      const path = on.call.path.slice(0, 2).join("/");
      if (!mayBeStale(error, (field) => this.#catalogs.isWorthReading(path, field))) throw error;
      const newer = await this.#catalogs.newerThan(began);
      if (newer === catalog || isUnchanged(on, catalog, newer)) throw error;
      return this.#route(on, newer);
    }
  }

  async #route(on: RoutineCall, catalog: RoutineCatalog): Promise<Reply> {
    const { call, access } = on;
    const { path } = readRoutinePath(call.path);
    const [, name, part] = path;
    if (name === undefined) {
      if (call.verb !== "GET") throw notServed(call, "GET");
      return { status: 200, content: { value: listRoutines(call, access, catalog) } };
    }
    if (part !== undefined)
      throw new Fault("not_found", `Resource '${part.slice(0, 64)}' not found for service '${call.service}'.`);
    if (call.verb !== "GET" && call.verb !== "POST") throw notServed(call, "GET, POST");
    const routine = demandCallable(on, name, catalog);
    const request = readCall(call);
    const outcome = await this.#run(on, routine, request);
    return { status: 200, content: { json: answerText(routine.name, outcome, request) } };
  }

  /** The one place where a routine runs. Whatever is kept of the database may be out of date after one that was POSTed. */
  async #run({ call, connector }: RoutineCall, routine: Routine, request: CallRequest): Promise<CallOutcome> {
    const { routine: facts, args } = matchRoutine(routine, request);
    const columns = [...request.schema].map(([name, type]): { name: string; type: SimpleType } => ({ name, type }));
    if (facts.result.kind === "record" && columns.length === 0) {
      throw new Fault("bad_request", `${title(routine)} gives any rows: 'schema' has to name their columns and types.`);
    }
    demandOwnName(routine, facts, request);
    if (connector.call === undefined) throw new Fault("not_implemented", "Routines can not be called here.");
    const isReadOnly = call.verb === "GET";
    try {
      return demandBounded(await connector.call({ routine: facts, args, columns, isReadOnly }, call.signal), routine);
    } catch (error) {
      throw refusal(error, routine, isReadOnly);
    } finally {
      if (!isReadOnly) await this.#changed();
    }
  }
}

/**
 * A routine may be called by the path of the other kind, by who may call it by its own: else a rule about the one path
 * could be passed by the other. For anybody else there is none of that name.
 */
function demandCallable({ call, access }: RoutineCall, name: string, catalog: RoutineCatalog): Routine {
  const asked = KIND_OF[call.path[0] ?? ""] ?? "procedure";
  const routine = findRoutine(catalog, asked, name) ?? findRoutine(catalog, otherKind(asked), name);
  if (routine === undefined) throw unknownRoutine(asked, name);
  if (!access.allows([RESOURCE_OF[routine.kind], routine.name], call.verb)) throw unknownRoutine(asked, name);
  return routine;
}

/** Rows stand beside the values that come back, so that none of these may be called as they are. */
function demandOwnName(routine: Routine, { kind, params }: RoutineFacts, { wrapper = "resource" }: CallRequest): void {
  const isTaken = kind === "procedure" && params.some(({ mode, name }) => mode !== "IN" && name === wrapper);
  if (!isTaken) return;
  const why = `has a parameter '${shown(wrapper)}': set 'wrapper' to another name for its rows.`;
  throw new Fault("bad_request", `${title(routine)} ${why}`);
}

function otherKind(kind: RoutineKind): RoutineKind {
  return kind === "procedure" ? "function" : "procedure";
}

/** A call that failed in the routine itself, of whose signature nothing has changed, is not made a second time. */
function isUnchanged({ call }: RoutineCall, known: RoutineCatalog, newer: RoutineCatalog): boolean {
  const [resource = "", name] = readRoutinePath(call.path).path;
  if (name === undefined) return false;
  const factsIn = (catalog: RoutineCatalog) =>
    [KIND_OF[resource] ?? "procedure", otherKind(KIND_OF[resource] ?? "procedure")].map(
      (kind) => findRoutine(catalog, kind, name)?.overloads,
    );
  return textOf(factsIn(known)) === textOf(factsIn(newer));
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, item) => (typeof item === "bigint" || item instanceof RegExp ? String(item) : item));
}

/** What the author of a routine lets it say is meant for its callers; whatever else the database says is not. */
function refusal(error: unknown, routine: Routine, isReadOnly: boolean): unknown {
  if (!(error instanceof DatabaseError)) return error;
  if (error.said !== undefined)
    return new Fault("bad_request", `${title(routine)} refused: ${error.said.slice(0, 2_000)}`, { cause: error });
  if (error.kind !== "read_only" || !isReadOnly) return error;
  return new Fault("bad_request", `${title(routine)} changes data: it is to be called by POST.`, { cause: error });
}

function notServed({ verb }: Call, allowed: string): Fault {
  return new Fault("method_not_allowed", `The verb ${verb} is not served here.`, { headers: { Allow: allowed } });
}
