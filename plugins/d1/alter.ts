import { Fault } from "../../src/contract/fault.ts";
import type { ServiceHost } from "../../src/contract/service.ts";
import type { Alter } from "../../src/db/connector.ts";
import { ChangeFailure, type SchemaChange } from "../../src/db/schema/change.ts";
import { typesOf } from "../../src/db/sql/ddl/alter.ts";
import { changeTexts } from "../../src/db/sql/ddl/statements.ts";
import type { Dialect } from "../../src/db/sql/dialect.ts";
import { timed } from "../../src/db/sql/query-log.ts";
import { isSimple } from "../sqlite/ddl.ts";
import { demandUnreferred } from "../sqlite/whole.ts";
import type { D1Driver } from "./driver.ts";

/** Makes the changes in one batch. What SQLite does by rebuilding a table is refused: D1 can not stop minding references meanwhile. */
export function d1Alter(dialect: Dialect, driver: D1Driver, host: Pick<ServiceHost, "name" | "log">): Alter {
  return {
    ...typesOf(dialect),
    run: async (changes, signal) => {
      const texts = changes.flatMap((change) => textsOf(change, dialect));
      const execute = (text: string) => driver.execute({ text, values: [] }, signal);
      for (const { kind, table } of changes)
        if (kind === "dropTable") await demandUnreferred(table.nativeName, execute, goneIn(changes));
      const statements = texts.map((text) => ({ text, values: [] }));
      try {
        await timed(() => driver.batch(statements, signal), { text: texts.join("; "), values: 0 }, host);
      } catch (error) {
        throw new ChangeFailure(0, error);
      }
    },
  };
}

function goneIn(changes: readonly SchemaChange[]): readonly string[] {
  return changes.flatMap(({ kind, table }) => (kind === "dropTable" ? [table.nativeName] : []));
}

function textsOf(change: SchemaChange, dialect: Dialect): readonly string[] {
  if (change.kind === "createTable" || change.kind === "dropTable") return changeTexts(change, dialect);
  if (isSimple(change)) return changeTexts(change, dialect);
  if (change.kind === "dropColumn")
    return [`ALTER TABLE ${dialect.tableName(change.table)} DROP COLUMN ${dialect.quote(change.column)}`];
  throw new Fault(
    "not_implemented",
    `D1 can not change table '${change.table.nativeName}' in this way: fields and indexes can be added and dropped, no more.`,
  );
}
