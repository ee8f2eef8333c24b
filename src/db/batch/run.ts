import type { Call, Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import type { Access } from "../../contract/service.ts";
import { parseJson } from "../../lib/json.ts";
import type { Connector, Runner } from "../connector.ts";
import { DatabaseError, faultOf } from "../errors.ts";
import { StaleCatalog } from "../stale.ts";
import { type Batch, type Operation, readBatch } from "./read.ts";
import { checkReferences, resolveReferences } from "./references.ts";

/** What a batch runs on. */
export interface BatchCall {
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
export async function runBatch(on: BatchCall): Promise<Reply> {
  const batch = readBatch(on.call.body);
  for (const [index, { body }] of batch.operations.entries()) checkReferences(body, index);
  const results = batch.atomic ? await runAtomic(on, batch) : await runEach(on, batch);
  return { status: 200, content: { value: { resource: results } } };
}

/** Each operation stands for itself, and goes through the gate as a call of its own. */
async function runEach({ call, access }: BatchCall, { operations }: Batch): Promise<readonly Json[]> {
  const results: JsonObject[] = [];
  for (const [index, operation] of operations.entries()) {
    const result = await attempt(async () => {
      const body = resolveReferences(operation.body, index, bodiesOf(results));
      return access.enter({ ...operation, body, service: call.service });
    });
    results.push(result instanceof Fault ? failureOf(result) : result);
  }
  return results;
}

/** A failure of ours ends the whole: nothing says that the other operations would fare better. */
async function attempt(work: () => Promise<Reply>): Promise<JsonObject | Fault> {
  try {
    return resultOf(await work());
  } catch (error) {
    if (error instanceof Fault && error.status < 500) return error;
    throw error;
  }
}

async function runAtomic(on: BatchCall, { operations }: Batch): Promise<readonly Json[]> {
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

async function runInside(on: BatchCall, operations: readonly Operation[], inside: Runner): Promise<readonly Json[]> {
  const connector = insideOf(on.connector, inside);
  const results: JsonObject[] = [];
  for (const [index, operation] of operations.entries()) {
    try {
      const body = resolveReferences(operation.body, index, bodiesOf(results));
      results.push(resultOf(await on.route(partOf(on.call, { ...operation, body }), connector)));
    } catch (error) {
      throw batchFailure(error, results, on);
    }
  }
  return results;
}

function partOf({ upload: _upload, ...call }: Call, operation: Operation): Call {
  return { ...call, ...operation, header: () => undefined };
}

/** The transaction as a connector: what an operation does in a transaction of its own it does at a savepoint of this one. */
function insideOf({ stream: _stream, ...connector }: Connector, inside: Runner): Connector {
  const { transaction } = inside;
  if (transaction === undefined) throw new Error("A transaction that stays open has savepoints.");
  return { ...connector, run: inside.run, transaction };
}

/** Whatever is not about the operation is its own failure, as is what a newer catalog might mend. */
function batchFailure(raised: unknown, results: readonly JsonObject[], { call, mayBeStale }: BatchCall): unknown {
  const error = raised instanceof StaleCatalog ? raised.cause : raised;
  const fault = error instanceof DatabaseError ? faultOf(error, call.service) : error;
  if (!(fault instanceof Fault) || fault.status >= 500) return error;
  const resource = [...results, failureOf(fault)];
  const message = "Batch Error: Not all requested operations could be done. All changes rolled back.";
  const failure = new Fault("batch", message, { context: { error: [results.length], resource } });
  return raised instanceof StaleCatalog || mayBeStale(error) ? new StaleCatalog(failure) : failure;
}

function resultOf({ status, content }: Reply): JsonObject {
  if ("records" in content) throw new Fault("bad_request", "An operation of a batch can not answer with a stream.");
  return { status, body: "json" in content ? parseJson(content.json) : content.value };
}

function failureOf({ status, wireCode, message, context }: Fault): JsonObject {
  const error = { code: wireCode, context: (context ?? null) as Json, message, status_code: status };
  return { status, body: { error } };
}

function bodiesOf(results: readonly JsonObject[]): readonly Json[] {
  return results.map(({ body = null }) => body);
}
