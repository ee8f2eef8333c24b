import { Fault } from "../../src/contract/fault.ts";
import type { Alter } from "../../src/db/connector.ts";
import { ChangeFailure, type SchemaChange } from "../../src/db/schema/change.ts";
import { typesOf } from "../../src/db/sql/ddl/alter.ts";
import { columnText } from "../../src/db/sql/ddl/column.ts";
import { typeText } from "../../src/db/sql/ddl/column-type.ts";
import { demandName } from "../../src/db/sql/ddl/ddl.ts";
import { demandNoLoss } from "../../src/db/sql/ddl/guard.ts";
import { changeTexts } from "../../src/db/sql/ddl/statements.ts";
import type { Dialect } from "../../src/db/sql/dialect.ts";
import type { Driver, Inside } from "../../src/db/sql/driver.ts";
import { isSimple } from "./ddl.ts";
import type { Execute } from "./rebuild.ts";
import { brokenThings, demandUnreferred, demandWhole } from "./whole.ts";

/** Makes changes in one transaction; a table that SQLite can not change in place is rebuilt (sqlite.org/lang_altertable.html, 7). */
export function sqliteAlter(dialect: Dialect, driver: Driver): Alter {
  return {
    ...typesOf(dialect),
    run: async (changes, signal) => {
      for (const change of changes) demandWritable(change, dialect);
      const work = (inside: Inside) =>
        makeAll(changes, dialect, (text) => inside.execute({ text, values: [] }, signal));
      // While references are minded, to drop a table is to delete its rows, and with them those that refer to it.
      const isUnminded = changes.some(takesAway);
      await (isUnminded && driver.rebuild ? driver.rebuild(work, signal) : driver.transaction(work, signal));
    },
  };
}

/** Whether something goes that others may need, or stands in between. */
function takesAway(change: SchemaChange): boolean {
  return change.kind === "dropTable" || needsRebuild(change);
}

function needsRebuild(change: SchemaChange): boolean {
  return change.kind !== "createTable" && change.kind !== "dropTable" && !isSimple(change);
}

/** What no statement can say is found out before the first one is run. */
function demandWritable(change: SchemaChange, dialect: Dialect): void {
  if (!needsRebuild(change)) changeTexts(change, dialect);
  else if (change.kind === "addColumn") {
    demandName(change.column.name, "field", dialect.ddl);
    columnText(change.column, dialect);
  } else if (change.kind === "alterColumn" && change.to.type) {
    typeText(change.to.type, dialect.ddl);
    if (change.column.isCounted)
      throw new Fault(
        "bad_request",
        `Field '${change.column.name}': SQLite counts it up, and so its type can not be changed.`,
      );
  }
}

async function makeAll(changes: readonly SchemaChange[], dialect: Dialect, execute: Execute): Promise<void> {
  const isUnminded = changes.some(takesAway);
  const before = isUnminded ? await brokenThings(execute) : undefined;
  for (let index = 0; index < changes.length; ) {
    const group = groupAt(changes, index);
    await makeGroup(group, dialect, execute).catch((error) => fail(index, error));
    index += group.length;
  }
  if (before) await demandWhole(before, execute).catch((error) => fail(changes.length - 1, error));
}

function fail(index: number, error: unknown): never {
  throw new ChangeFailure(index, error);
}

/** The changes from a place on that are done in one rebuild. */
function groupAt(changes: readonly SchemaChange[], index: number): readonly SchemaChange[] {
  const first = changes[index];
  if (first === undefined || !isOfTable(first)) return changes.slice(index, index + 1);
  const isOther = (change: SchemaChange) => !isOfTable(change) || change.table.nativeName !== first.table.nativeName;
  const end = changes.findIndex((change, at) => at > index && isOther(change));
  return changes.slice(index, end < 0 ? undefined : end);
}

function isOfTable(change: SchemaChange): boolean {
  return change.kind !== "createTable" && change.kind !== "dropTable";
}

async function makeGroup(group: readonly SchemaChange[], dialect: Dialect, execute: Execute): Promise<void> {
  for (const change of group) {
    if (change.kind === "dropTable") await demandUnreferred(change.table.nativeName, execute);
    await demandNoLoss(change, dialect, execute);
  }
  if (group.some(needsRebuild)) {
    const { rebuildTable } = await import("./rebuild.ts");
    return rebuildTable(group, dialect, execute);
  }
  for (const text of group.flatMap((change) => changeTexts(change, dialect))) await execute(text);
}
