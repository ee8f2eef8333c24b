import { afterAll, beforeAll, describe } from "vitest";
import { RUNTIME } from "../../house.ts";
import { aggregateCases } from "./aggregates.ts";
import { batchCases } from "./batch.ts";
import { bulkCases } from "./bulk.ts";
import { cacheCases } from "./cache.ts";
import { changedTypeCases } from "./changed-types.ts";
import { conditionalCases } from "./conditional.ts";
import { countCases } from "./counts.ts";
import { createCases } from "./create.ts";
import { cursorCases } from "./cursor.ts";
import { deleteCases } from "./delete.ts";
import { estimateCases } from "./estimates.ts";
import { exactFilterCases } from "./exact-filters.ts";
import { exportCases } from "./exports.ts";
import { expressionCases } from "./expressions.ts";
import { extrasAutomaticCases } from "./extras-automatic.ts";
import { extrasFunctionCases } from "./extras-functions.ts";
import { extrasNameCases } from "./extras-names.ts";
import { extrasRelationCases } from "./extras-relations.ts";
import { extrasValidationCases } from "./extras-validation.ts";
import { fieldCases } from "./fields.ts";
import { filterErrorCases } from "./filter-errors.ts";
import { filterValueCases } from "./filter-values.ts";
import { filterCases } from "./filters.ts";
import { type Fixture, openFixture } from "./fixture.ts";
import { formatCases } from "./formats.ts";
import { hardCases } from "./hard-cases.ts";
import { havingCases } from "./having.ts";
import { idempotencyCases } from "./idempotency.ts";
import { idCases } from "./ids.ts";
import { injectionCases } from "./injection.ts";
import { jsonPathCases } from "./json-paths.ts";
import { listingCases } from "./listing.ts";
import { listCases } from "./lists.ts";
import { nameCases } from "./names.ts";
import { nestedCases } from "./nested-writes.ts";
import { oneStatementCases } from "./one-statement.ts";
import { operationCases } from "./operations.ts";
import { orderAndPageCases } from "./order-and-pages.ts";
import { orderThroughCases } from "./order-through.ts";
import { recordCases } from "./records.ts";
import { refreshCases } from "./refresh.ts";
import { relatedCases } from "./related.ts";
import { relatedGuardCases } from "./related-guards.ts";
import { relatedParameterCases } from "./related-parameters.ts";
import { relatedServiceCases } from "./related-services.ts";
import { relatedShapeCases } from "./related-shapes.ts";
import { relationFilterCases } from "./relations-in-filters.ts";
import { routineCases } from "./routines.ts";
import { schemaCases } from "./schema.ts";
import { schemaAlterCases } from "./schema-alter.ts";
import { schemaCreateCases } from "./schema-create.ts";
import { schemaFieldCases } from "./schema-fields.ts";
import { schemaRelationCases } from "./schema-relations.ts";
import { schemaSafetyCases } from "./schema-safety.ts";
import { schemaTypeCases } from "./schema-types.ts";
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
  "extras: names": extrasNameCases,
  "extras: functions": extrasFunctionCases,
  "extras: automatic": extrasAutomaticCases,
  "extras: relations": extrasRelationCases,
  "extras: validation": extrasValidationCases,
  lists: listCases,
  fields: fieldCases,
  filters: filterCases,
  "filter values": filterValueCases,
  "filter errors": filterErrorCases,
  "exact filters": exactFilterCases,
  "JSON paths": jsonPathCases,
  related: relatedCases,
  "related parameters": relatedParameterCases,
  "related shapes": relatedShapeCases,
  "related services": relatedServiceCases,
  "related guards": relatedGuardCases,
  "order through": orderThroughCases,
  "relations in filters": relationFilterCases,
  "order and pages": orderAndPageCases,
  ids: idCases,
  counts: countCases,
  aggregates: aggregateCases,
  having: havingCases,
  cursor: cursorCases,
  estimates: estimateCases,
  schema: schemaCases,
  "schema fields": schemaFieldCases,
  "schema types": schemaTypeCases,
  "schema create": schemaCreateCases,
  "schema alter": schemaAlterCases,
  "schema relations": schemaRelationCases,
  "schema safety": schemaSafetyCases,
  listing: listingCases,
  names: nameCases,
  refresh: refreshCases,
  routines: routineCases,
  "one statement": oneStatementCases,
  tunnels: tunnelCases,
  exports: exportCases,
  bulk: bulkCases,
  formats: formatCases,
  "nested writes": nestedCases,
  operations: operationCases,
  conditional: conditionalCases,
  idempotency: idempotencyCases,
  cache: cacheCases,
};

/** Groups whose answers hang on the dialect alone: relatives that share one need them once. */
const OF_DIALECT: readonly string[] = [
  "extras: names",
  "extras: functions",
  "extras: automatic",
  "extras: relations",
  "extras: validation",
  "related parameters",
  "related shapes",
  "related services",
  "related guards",
  "order through",
  "aggregates",
  "having",
  "cursor",
  "schema types",
  "schema create",
  "schema alter",
  "schema relations",
  "schema safety",
  "cache",
];
/** Groups that ask nothing of a driver that others do not ask: one database on each runtime is enough. */
const ABOVE_DRIVERS = [
  ...OF_DIALECT,
  "nested writes",
  "formats",
  "conditional",
  "idempotency",
  "estimates",
  "related guards",
  "schema safety",
];

/** The groups for a relative of a database whose dialect it shares. */
export const OF_RELATIVES = Object.keys(GROUPS).filter((name) => !OF_DIALECT.includes(name));

/** On Bun and on Workers the servers are reached by the drivers of Node, over other sockets. */
function usualGroups({ type }: Target): readonly string[] {
  const isWhole = RUNTIME === "node" || type === "sqlite" || type === "d1";
  return Object.keys(GROUPS).filter((name) => isWhole || !ABOVE_DRIVERS.includes(name));
}

/** Runs every conformance case, or those of some groups, against one database, over HTTP through the whole house. */
export function databaseSuite(target: Target, only: readonly string[] = usualGroups(target)): void {
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
