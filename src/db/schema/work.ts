import type { ExtrasDoor, SchemaExtras } from "../../contract/extras.ts";
import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import type { Catalog } from "../catalog.ts";
import type { Alter, Connector } from "../connector.ts";
import { checkExtras, editAs } from "../extras/check.ts";
import type { ExtrasEdit } from "../extras/edit.ts";
import { ChangeFailure, type CreateTable, type SchemaChange } from "./change.ts";
import { changeFault } from "./failure.ts";
import { plannedCatalog } from "./planned.ts";
import type { SchemaCall } from "./read.ts";
import type { Design } from "./reference.ts";

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
  const design = { access, catalog, planned, storedAs: alter.storedAs, isType: alter.isType };
  return { on, alter, design, edit: editAs(on.call, on.extras?.current() ?? NONE), planned };
}

/** Makes the changes, keeps what is to be kept, and gives the catalog as it is then. */
export async function finishWork({ on, alter, edit }: Work, changes: readonly SchemaChange[]): Promise<Catalog> {
  try {
    if (changes.length > 0) await alter.run(changes, on.call.signal);
  } catch (error) {
    if (error instanceof ChangeFailure && error.holds) await showChange(on);
    throw error;
  }
  await on.extras?.save(edit.changes());
  return on.renew();
}

/** What was done before a failure holds: this node and the others have to see it. */
async function showChange({ extras, renew }: SchemaChangeCall): Promise<void> {
  await extras?.save({});
  await renew();
}

/** One table, field or relationship of a request: its name, and how its part of the change is planned. */
export interface WorkItem {
  readonly name: string;
  plan(): readonly SchemaChange[];
}

export type Done = "created" | "updated" | "deleted";

/** Plans the items and makes all changes. One item fails with its own error, several as a batch. */
export async function runWork(work: Work, items: readonly WorkItem[], done: Done): Promise<Catalog> {
  const planned: (readonly SchemaChange[])[] = [];
  for (const [index, item] of items.entries()) {
    try {
      planned.push(item.plan());
    } catch (error) {
      throw batchFault(error, { items, index, done, held: 0 });
    }
  }
  const { access, call, catalog, extras } = work.on;
  const after = plannedCatalog(catalog, planned.flat());
  checkExtras(work.edit, after, {
    access,
    call,
    serviceId: extras?.serviceId,
    serviceName: (id) => extras?.serviceName(id),
  });
  try {
    return await finishWork(work, planned.flat());
  } catch (error) {
    throw runFault(error, planned, items, done);
  }
}

function runFault(
  error: unknown,
  planned: readonly (readonly SchemaChange[])[],
  items: readonly WorkItem[],
  done: Done,
): unknown {
  if (!(error instanceof ChangeFailure)) return error;
  const ends = planned.map((_, index) => planned.slice(0, index + 1).flat().length);
  const index = Math.max(
    ends.findIndex((end) => end > error.index),
    0,
  );
  const isPart = error.holds && error.index > (ends[index - 1] ?? 0);
  const held = error.holds ? index : 0;
  return batchFault(changeFault(error.reason, isPart), { items, index, done, held });
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
