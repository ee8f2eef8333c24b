import type { Call, Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import type { Access } from "../../contract/service.ts";
import type { Connector, Runner } from "../connector.ts";
import { connectorInside } from "../connector-inside.ts";
import { DatabaseError, faultOf } from "../errors.ts";
import { StaleCatalog } from "../stale.ts";
import { type Operation, type Operations, readOperations } from "./read.ts";
import { checkReferences } from "./references.ts";
import { Results } from "./results.ts";

/** What a batch runs on. */
export interface OperationsCall {
  readonly call: Call;
  readonly access: Access;
  readonly connector: Connector;
  /** Handles one call of the batch by this connector; the caller has been found to have the right to it. */
  route(call: Call, connector: Connector): Promise<Reply>;
  /** Learns the fields of the records before the transaction begins, which must not wait for another connection. */
  learn(call: Call): Promise<void>;
  /** Whether a newer catalog might tell another story. */
  mayBeStale(error: unknown): boolean;
}

/** POST `_batch`: several calls in one, each with the rights of the caller. */
export async function runOperations(on: OperationsCall): Promise<Reply> {
  const batch = readOperations(on.call.body);
  for (const [index, { body }] of batch.operations.entries()) checkReferences(body, index);
  const results = batch.atomic ? await runAtomic(on, batch) : await runEach(on, batch);
  return { status: 200, content: { value: { resource: results } } };
}

/** Each operation stands for itself, and goes through the gate as a call of its own. */
async function runEach({ call, access }: OperationsCall, { operations }: Operations): Promise<readonly Json[]> {
  const results = new Results();
  for (const [index, operation] of operations.entries()) {
    try {
      const body = results.resolve(operation.body, index);
      await results.add(await access.enter({ ...operation, body, service: call.service }));
    } catch (error) {
      if (!(error instanceof Fault) || (error.status >= 500 && index === 0)) throw error;
      results.fail(error);
      // Nothing says that those behind it would fare better; what was done before it has to be told.
      if (error.status >= 500) break;
    }
  }
  return results.list;
}

async function runAtomic(on: OperationsCall, { operations }: Operations): Promise<readonly Json[]> {
  const { connector, call } = on;
  if (connector.batch !== undefined)
    throw new Fault("not_implemented", "This database has no transactions over several requests: say 'atomic': false.");
  for (const [index, { verb, path }] of operations.entries()) {
    demandTable(path, index);
    on.access.demand(path, verb);
  }
  for (const operation of operations) await on.learn(partOf(call, operation));
  return connector.transaction((inside) => runInside(on, operations, inside), call.signal);
}

/** Only the rows of tables can be undone wherever there are transactions. */
function demandTable([resource]: Operation["path"], index: number): void {
  if (resource === "_table") return;
  throw new Fault("bad_request", `Field 'ops.${index}.path' must begin with '_table' in an atomic batch.`);
}

async function runInside(
  on: OperationsCall,
  operations: readonly Operation[],
  inside: Runner,
): Promise<readonly Json[]> {
  const connector = connectorInside(on.connector, inside);
  const results = new Results();
  for (const [index, operation] of operations.entries()) {
    try {
      const body = results.resolve(operation.body, index);
      await results.add(await on.route(partOf(on.call, { ...operation, body }), connector));
    } catch (error) {
      throw batchFailure(error, results, on);
    }
  }
  return results.list;
}

function partOf({ upload: _upload, ...call }: Call, operation: Operation): Call {
  return { ...call, ...operation, header: () => undefined };
}

/** Whatever is not about the operation is its own failure, as is what a newer catalog might mend. */
function batchFailure(raised: unknown, results: Results, { call, mayBeStale }: OperationsCall): unknown {
  const error = raised instanceof StaleCatalog ? raised.cause : raised;
  const fault = error instanceof DatabaseError ? faultOf(error, call.service) : error;
  if (!(fault instanceof Fault) || fault.status >= 500) return error;
  const at = results.list.length;
  results.fail(fault);
  const message = "Batch Error: Not all requested operations could be done. All changes rolled back.";
  const failure = new Fault("batch", message, { context: { error: [at], resource: results.list } });
  return raised instanceof StaleCatalog || mayBeStale(error) ? new StaleCatalog(failure) : failure;
}
