import type { ExtrasDoor, SchemaExtras } from "../../contract/extras.ts";
import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import type { Catalog } from "../catalog.ts";
import type { Alter, Connector } from "../connector.ts";
import { checkExtras, editAs } from "../extras/check.ts";
import type { ExtrasEdit } from "../extras/edit.ts";
import { tryFunctions } from "../extras/try-functions.ts";
import { ChangeFailure, type CreateTable, type SchemaChange } from "./change.ts";
import { changeFault } from "./failure.ts";
import { plannedCatalog } from "./planned.ts";
import type { SchemaCall } from "./read.ts";
import type { Design } from "./reference.ts";
import { demandReferences } from "./referred.ts";

/** What the handlers that change the schema have besides those that read it. */
export interface SchemaChangeCall extends SchemaCall {
  readonly connector: Connector;
  readonly extras: ExtrasDoor | undefined;
  /** Reads the catalog anew. */
  renew(): Promise<Catalog>;
}

/** One change of the schema on its way: what it goes by, and what Millrace is to keep when it is done. */
export interface Work {
  readonly on: SchemaChangeCall;
  readonly alter: Alter;
  readonly design: Design;
  readonly edit: ExtrasEdit;
  /** Tables that are to be made, for those that refer to them. */
  readonly planned: Map<string, CreateTable>;
}

const NONE: SchemaExtras = { stamp: "", tables: {} };

/** Begins a change. Raises `not_implemented` where the schema can only be read. */
export function beginWork(on: SchemaChangeCall): Work {
  const { alter } = on.connector;
  if (alter === undefined) throw new Fault("not_implemented", "The schema of this database can only be read.");
  const { access, catalog } = on;
  const planned = new Map<string, CreateTable>();
  const design = { access, catalog, planned, problems: [], storedAs: alter.storedAs, isType: alter.isType };
  return { on, alter, design, edit: editAs(on.call, on.extras?.current() ?? NONE), planned };
}

/** Makes the changes, keeps what is to be kept, and gives the catalog as it is then. */
async function finishWork(work: Work, planned: readonly Planned[]): Promise<Catalog> {
  const { on, alter } = work;
  const changes = planned.flatMap((each) => each.changes);
  try {
    if (changes.length > 0) await alter.run(changes, on.call.signal);
  } catch (error) {
    // What was done before the failure holds: this node and the others have to see it.
    if (error instanceof ChangeFailure && error.holds)
      await show(work, planned[placeOf(error, planned) - 1]?.edits ?? 0);
    throw error;
  }
  return show(work);
}

async function show({ on, edit }: Work, most?: number): Promise<Catalog> {
  await on.extras?.save((current) => edit.onto(current, most));
  return on.renew();
}

/** What one item of a request comes to. */
interface Planned {
  readonly changes: readonly SchemaChange[];
  /** How many changes of extras there are with this item and those before it. */
  readonly edits: number;
}

/** Which item a failure is of. */
function placeOf({ index }: ChangeFailure, planned: readonly Planned[]): number {
  const ends = planned.map((_, at) => changesBefore(planned, at + 1));
  return Math.max(
    ends.findIndex((end) => end > index),
    0,
  );
}

function changesBefore(planned: readonly Planned[], at: number): number {
  return planned.slice(0, at).flatMap((each) => each.changes).length;
}

/** One table, field or relationship of a request: its name, and how its part of the change is planned. */
export interface WorkItem {
  readonly name: string;
  plan(): readonly SchemaChange[];
}

export type Done = "created" | "updated" | "deleted";

/** Plans the items and makes all changes. One item fails with its own error, several as a batch. */
export async function runWork(work: Work, items: readonly WorkItem[], done: Done): Promise<Catalog> {
  const planned = planItems(work, items, done);
  await checkNames(
    work,
    planned.flatMap(({ changes }) => changes),
  );
  try {
    return await finishWork(work, planned);
  } catch (error) {
    throw runFault(error, planned, { items, done });
  }
}

function planItems(work: Work, items: readonly WorkItem[], done: Done): readonly Planned[] {
  const { access, catalog } = work.on;
  const each = <T>(of: readonly T[], run: (one: T) => void) =>
    of.forEach((one, index) => {
      try {
        run(one);
      } catch (error) {
        throw batchFault(error, { items, index, done, held: 0 });
      }
    });
  const planned: Planned[] = [];
  each(items, (item) => planned.push({ changes: item.plan(), edits: work.edit.size }));
  const all = planned.flatMap(({ changes }) => changes);
  each(planned, ({ changes }) => demandReferences(changes, { access, catalog, all }));
  return planned;
}

/** Raises `bad_request` for what is to be kept and does not fit the tables as they will be. */
async function checkNames({ on, edit, design }: Work, changes: readonly SchemaChange[]): Promise<void> {
  const { access, call, catalog, connector, extras } = on;
  const [problem] = design.problems;
  if (problem !== undefined) throw new Fault("bad_request", problem);
  const after = checkExtras(edit, plannedCatalog(catalog, changes), {
    access,
    call,
    serviceId: extras?.serviceId,
    serviceName: (id) => extras?.serviceName(id),
  });
  // What is not there yet can not be tried.
  if (changes.length === 0) await tryFunctions(edit, after, (plan) => connector.run(plan, call.signal));
}

function runFault(error: unknown, planned: readonly Planned[], batch: Pick<BatchPlace, "items" | "done">): unknown {
  if (!(error instanceof ChangeFailure)) return error;
  const index = placeOf(error, planned);
  const isPart = error.holds && error.index > changesBefore(planned, index);
  const fault = changeFault(error.reason, { isPart, changes: planned[index]?.changes ?? [] });
  return batchFault(fault, { ...batch, index, held: error.holds ? index : 0 });
}

interface BatchPlace {
  readonly items: readonly WorkItem[];
  readonly index: number;
  readonly done: Done;
  /** How many items hold. */
  readonly held: number;
}

function batchFault(error: unknown, { items, index, done, held }: BatchPlace): unknown {
  if (items.length === 1 || !(error instanceof Fault) || error.status >= 500) return error;
  const entry: Json = { code: error.wireCode, message: error.message, status_code: error.status };
  const before = items.slice(0, index).map(({ name }): Json => (held > 0 ? { name } : {}));
  const suffix = held > 0 ? "" : " All changes rolled back.";
  return new Fault("batch", `Batch Error: Not all requested records could be ${done}.${suffix}`, {
    context: { error: [index], resource: [...before, entry] },
  });
}
