import type { Reply, Upload, UploadPart } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import { type Gate, GateTimeout } from "../../lib/gate.ts";
import type { Runner } from "../connector.ts";
import { DatabaseError } from "../errors.ts";
import { planReturning } from "../plan/write.ts";
import { StaleCatalog } from "../stale.ts";
import { faultEntry, recordFault } from "./batch.ts";
import type { TableCall } from "./context.ts";
import { createList, demandChange } from "./create.ts";
import { HeldUpload } from "./held-upload.ts";
import { ReadAhead } from "./read-ahead.ts";
import { noRecords } from "./records.ts";
import { TextReader } from "./texts.ts";
import { UploadResults } from "./upload-results.ts";

/** So much of an upload is read before a transaction is begun: small ones are known as a whole by then. */
const MOST_READ_FIRST = 1024 * 1024;
/** So much is kept in memory where the database can hold no transaction open. */
const MOST_KEPT = 24 * 1024 * 1024;

/**
 * Creates records as they arrive, by the rules of a batch. A file that is not well-formed leaves nothing behind, but with
 * `continue`, which keeps what was created before.
 */
export async function createUploaded(on: TableCall, upload: Upload): Promise<Reply> {
  planReturning(on.query, on.scope);
  if (on.query.upsert) demandChange(on);
  const held = HeldUpload.of(upload);
  const results = await createAll(on, held);
  if (results.count === 0) throw noRecords();
  return { status: 200, content: { json: results.answer() } };
}

async function createAll(on: TableCall, held: HeldUpload): Promise<UploadResults> {
  if (on.query.continueOnError) return createParts(on, held, true);
  if (on.connector.batch) return createKept(on, held);
  const isWhole = await held.keep(MOST_READ_FIRST);
  const work = () => createInTransaction(on, held);
  return isWhole || on.uploads === undefined ? work() : inTurn(on.uploads, work);
}

/** A client that stops sending would hold the connection, and what its records lock. */
function createInTransaction(on: TableCall, held: HeldUpload): Promise<UploadResults> {
  return on.connector.transaction(async (runner) => {
    held.hurry();
    const results = await createParts(insideOf(on, runner), held, false);
    if (results.hasFailed && on.query.rollback) throw results.fault(true);
    return results;
  }, on.call.signal);
}

async function inTurn<T>(uploads: Gate, work: () => Promise<T>): Promise<T> {
  try {
    return await uploads.run(work);
  } catch (error) {
    throw error instanceof GateTimeout ? new DatabaseError("saturated") : error;
  }
}

/** Where nothing can be undone later, all is read before the first record is created. */
async function createKept(on: TableCall, held: HeldUpload): Promise<UploadResults> {
  if (!(await held.keep(MOST_KEPT))) {
    const message = "The upload is too large to be created all together or not at all here: 'continue=true' takes any.";
    throw new Fault("payload_too_large", message);
  }
  return on.query.rollback ? createAtOnce(on, held) : createParts(on, held, true);
}

async function createAtOnce(on: TableCall, held: HeldUpload): Promise<UploadResults> {
  const parts: UploadPart[] = [];
  for await (const part of held.parts()) parts.push(part);
  const whole = { records: parts.flatMap(({ records }) => records), lines: parts.flatMap(({ lines }) => lines) };
  const results = new UploadResults();
  if (whole.records.length > 0) await createPart(on, whole, results);
  if (results.hasFailed) throw results.fault(true);
  return results;
}

/** `stays` = what was created stays, whatever happens then. */
async function createParts(on: TableCall, held: HeldUpload, stays: boolean): Promise<UploadResults> {
  const results = new UploadResults();
  const parts = new ReadAhead(held.parts());
  const reading = { ...on, meanwhile: () => parts.begin() };
  try {
    for (let part = await parts.take(); part; part = await parts.take()) {
      await createPart(reading, part, results);
      if (results.hasFailed && !on.query.continueOnError) break;
    }
  } catch (error) {
    // Who is told nothing of what stays would send it again.
    if (!stays || results.count === 0) throw error;
    results.fail(faultEntry(recordFault(error instanceof StaleCatalog ? error.cause : error, on, true)));
  } finally {
    parts.leave();
  }
  return results;
}

async function createPart(on: TableCall, part: UploadPart, results: UploadResults): Promise<void> {
  try {
    results.add(await createList(on, recordsOf(on, part)));
  } catch (error) {
    if (!(error instanceof Fault && error.code === "batch")) throw error;
    results.addBatch(error, part.lines);
  }
}

function recordsOf({ call, catalog, table }: TableCall, { records, lines }: UploadPart): UploadPart["records"] {
  if (call.texts !== true) return records;
  const reader = new TextReader(catalog, table);
  return records.map((record, at) => reader.record(record, lines[at]));
}

/** The call as a part of a transaction, in which each write can fail by itself. */
function insideOf(on: TableCall, runner: Runner): TableCall {
  const transaction: TableCall["connector"]["transaction"] = (work, signal) =>
    runner.transaction ? runner.transaction(work, signal) : work(runner);
  const { readAll: _outside, ...connector } = on.connector;
  return {
    ...on,
    query: { ...on.query, rollback: false },
    connector: {
      ...connector,
      ...(runner.readAll && { readAll: runner.readAll }),
      run: (plan, signal) =>
        plan.kind === "read" || plan.kind === "count"
          ? runner.run(plan, signal)
          : transaction((inner) => inner.run(plan, signal), signal),
      transaction,
    },
  };
}
