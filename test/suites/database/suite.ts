import { afterAll, beforeAll, describe } from "vitest";
import { batchCases } from "./batch.ts";
import { changedTypeCases } from "./changed-types.ts";
import { countCases } from "./counts.ts";
import { createCases } from "./create.ts";
import { deleteCases } from "./delete.ts";
import { exactFilterCases } from "./exact-filters.ts";
import { expressionCases } from "./expressions.ts";
import { fieldCases } from "./fields.ts";
import { filterErrorCases } from "./filter-errors.ts";
import { filterValueCases } from "./filter-values.ts";
import { filterCases } from "./filters.ts";
import { type Fixture, openFixture } from "./fixture.ts";
import { hardCases } from "./hard-cases.ts";
import { idCases } from "./ids.ts";
import { injectionCases } from "./injection.ts";
import { jsonPathCases } from "./json-paths.ts";
import { listingCases } from "./listing.ts";
import { listCases } from "./lists.ts";
import { nameCases } from "./names.ts";
import { oneStatementCases } from "./one-statement.ts";
import { orderAndPageCases } from "./order-and-pages.ts";
import { recordCases } from "./records.ts";
import { refreshCases } from "./refresh.ts";
import { relationFilterCases } from "./relations-in-filters.ts";
import { schemaCases } from "./schema.ts";
import { schemaFieldCases } from "./schema-fields.ts";
import { smokeCases } from "./smoke.ts";
import type { Target } from "./target.ts";
import { tunnelCases } from "./tunnels.ts";
import { updateCases } from "./update.ts";
import { updateKeyCases } from "./update-keys.ts";
import { upsertCases } from "./upsert.ts";
import { valueErrorCases } from "./value-errors.ts";
import { valueCases } from "./values.ts";
import { writeErrorCases } from "./write-errors.ts";
import { writeOnlyCases } from "./write-only.ts";
import { writeStatementCases } from "./write-statements.ts";

/** A group of cases that share one fixture and leave its rows as they were. */
export type Cases = (fixture: () => Fixture, target: Target) => void;

const GROUPS: Readonly<Record<string, Cases>> = {
  smoke: smokeCases,
  "hard cases": hardCases,
  "changed types": changedTypeCases,
  "write only": writeOnlyCases,
  injection: injectionCases,
  create: createCases,
  "value-errors": valueErrorCases,
  values: valueCases,
  records: recordCases,
  "write-statements": writeStatementCases,
  "write-errors": writeErrorCases,
  expressions: expressionCases,
  upsert: upsertCases,
  batch: batchCases,
  delete: deleteCases,
  update: updateCases,
  "update keys": updateKeyCases,
  lists: listCases,
  fields: fieldCases,
  filters: filterCases,
  "filter values": filterValueCases,
  "filter errors": filterErrorCases,
  "exact filters": exactFilterCases,
  "JSON paths": jsonPathCases,
  "relations in filters": relationFilterCases,
  "order and pages": orderAndPageCases,
  ids: idCases,
  counts: countCases,
  schema: schemaCases,
  "schema fields": schemaFieldCases,
  listing: listingCases,
  names: nameCases,
  refresh: refreshCases,
  "one statement": oneStatementCases,
  tunnels: tunnelCases,
};

/** Runs every conformance case, or those of some groups, against one database, over HTTP through the whole house. */
export function databaseSuite(target: Target, only: readonly string[] = Object.keys(GROUPS)): void {
  describe.skipIf(target.unavailable !== undefined)(`${target.title} (${target.type})`, () => {
    for (const [name, cases] of Object.entries(GROUPS))
      if (only.includes(name)) describe(name, () => withFixture(target, cases));
  });
}

function withFixture(target: Target, cases: Cases): void {
  let fixture: Fixture | undefined;
  beforeAll(async () => {
    fixture = await openFixture(target);
  });
  afterAll(() => fixture?.close());
  cases(() => {
    if (fixture === undefined) throw new Error("The fixture is not open.");
    return fixture;
  }, target);
}
