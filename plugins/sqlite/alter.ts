import type { Alter } from "../../src/db/connector.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import { ChangeFailure, type SchemaChange } from "../../src/db/schema/change.ts";
import { typesOf } from "../../src/db/sql/ddl/alter.ts";
import { columnText } from "../../src/db/sql/ddl/column.ts";
import { typeText } from "../../src/db/sql/ddl/column-type.ts";
import { demandName } from "../../src/db/sql/ddl/ddl.ts";
import { guardText } from "../../src/db/sql/ddl/guard.ts";
import { changeTexts } from "../../src/db/sql/ddl/statements.ts";
import type { Dialect } from "../../src/db/sql/dialect.ts";
import type { Driver, Inside } from "../../src/db/sql/driver.ts";
import { isSimple } from "./ddl.ts";
import type { Execute } from "./rebuild.ts";

/** Makes changes in one transaction; a table that SQLite can not change in place is rebuilt (sqlite.org/lang_altertable.html, 7). */
export function sqliteAlter(dialect: Dialect, driver: Driver): Alter {
  return {
    ...typesOf(dialect),
    run: async (changes, signal) => {
      for (const change of changes) demandWritable(change, dialect);
      const work = (inside: Inside) =>
        makeAll(changes, dialect, (text) => inside.execute({ text, values: [] }, signal));
      const isRebuilt = changes.some(needsRebuild);
      await (isRebuilt && driver.rebuild ? driver.rebuild(work, signal) : driver.transaction(work, signal));
    },
  };
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
  } else if (change.kind === "alterColumn" && change.to.type) typeText(change.to.type, dialect.ddl);
}

async function makeAll(changes: readonly SchemaChange[], dialect: Dialect, execute: Execute): Promise<void> {
  const isRebuilt = changes.some(needsRebuild);
  const before = isRebuilt ? await brokenReferences(execute) : 0;
  for (let index = 0; index < changes.length; ) {
    const group = groupAt(changes, index);
    try {
      await makeGroup(group, dialect, execute);
    } catch (error) {
      throw new ChangeFailure(index, error);
    }
    index += group.length;
  }
  if (isRebuilt && (await brokenReferences(execute)) > before)
    throw new ChangeFailure(changes.length - 1, new DatabaseError("foreign_key"));
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
    const guard = guardText(change, dialect);
    if (guard && (await execute(guard)).rows.length > 0) throw new DatabaseError("invalid_value");
  }
  if (group.some(needsRebuild)) {
    const { rebuildTable } = await import("./rebuild.ts");
    return rebuildTable(group, dialect, execute);
  }
  for (const text of group.flatMap((change) => changeTexts(change, dialect))) await execute(text);
}

/** Records whose references lead nowhere. */
async function brokenReferences(execute: Execute): Promise<number> {
  return Number((await execute("SELECT count(*) FROM pragma_foreign_key_check")).rows[0]?.[0] ?? 0);
}
