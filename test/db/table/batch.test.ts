import { expect, test } from "vitest";
import type { Fault } from "../../../src/contract/fault.ts";
import { DatabaseError, type DatabaseErrorKind } from "../../../src/db/errors.ts";
import { runBatch } from "../../../src/db/table/batch.ts";
import type { TableCall } from "../../../src/db/table/context.ts";

/** As much of a call as a batch looks at. */
const on = {
  connector: {},
  call: { service: "db" },
  query: { rollback: false, continueOnError: false },
  table: { indexes: [], columns: [], key: [] },
} as unknown as TableCall;

function batchThatFails(kind: DatabaseErrorKind): Promise<unknown> {
  const fail = () => Promise.reject(new DatabaseError(kind));
  return runBatch(on, [async () => '{"id":1}', fail], "created").catch((error: unknown) => error);
}

test.each<DatabaseErrorKind>([
  "stale_plan",
  "undefined_object",
  "deadlock",
  "conflict",
  "timeout",
  "saturated",
])("a batch that has begun to write ends with what became of each record, and is not run again, after %s", async (kind) => {
  const fault = (await batchThatFails(kind)) as Fault;
  expect(fault).toMatchObject({ code: "batch", context: { error: [1], resource: [{ id: 1 }, {}] } });
});

test("a batch whose database goes away ends as that, whatever was written", async () => {
  expect(await batchThatFails("unavailable")).toBeInstanceOf(DatabaseError);
});

test.each<DatabaseErrorKind>([
  "stale_plan",
  "undefined_object",
])("a batch that has written nothing can be tried with a newer catalog after %s", async (kind) => {
  const doubtful = { ...on, mayBeStale: () => true };
  const failed = runBatch(doubtful, [() => Promise.reject(new DatabaseError(kind))], "created");
  await expect(failed).rejects.toThrow("The catalog may be out of date.");
});
