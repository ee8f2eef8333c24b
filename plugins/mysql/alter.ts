import type { Alter } from "../../src/db/connector.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import { ChangeFailure, type SchemaChange } from "../../src/db/schema/change.ts";
import { typesOf } from "../../src/db/sql/ddl/alter.ts";
import { columnText, foreignKeyText, list } from "../../src/db/sql/ddl/column.ts";
import { typeText } from "../../src/db/sql/ddl/column-type.ts";
import { type AlterChange, demandName } from "../../src/db/sql/ddl/ddl.ts";
import { alteredText, readDefinition, TOKENS } from "../../src/db/sql/ddl/definition-text.ts";
import { demandNoLoss } from "../../src/db/sql/ddl/guard.ts";
import { indexName } from "../../src/db/sql/ddl/index-name.ts";
import { changeTexts } from "../../src/db/sql/ddl/statements.ts";
import type { Dialect } from "../../src/db/sql/dialect.ts";
import type { Driver } from "../../src/db/sql/driver.ts";
import { text } from "./information-schema.ts";

/** Changes that are one statement: what is done to one table in a row holds whole or not at all. */
interface Step {
  readonly index: number;
  readonly changes: readonly SchemaChange[];
}

type Execute = (text: string) => ReturnType<Driver["execute"]>;

/** Makes changes with as few statements as can be: each commits by itself, and can not be undone. */
export function mysqlAlter(dialect: Dialect, driver: Driver): Alter {
  return {
    ...typesOf(dialect),
    run: async (changes, signal) => {
      for (const change of changes) demandWritable(change, dialect);
      const execute: Execute = (sql) => driver.execute({ text: sql, values: [] }, signal);
      const steps = stepsOf(changes);
      for (const [at, step] of steps.entries())
        await runStep(step, dialect, execute).catch((error) => {
          throw new ChangeFailure(step.index, error, at > 0);
        });
    },
  };
}

/** What no statement can say is found out before the first one is run. */
function demandWritable(change: SchemaChange, dialect: Dialect): void {
  if (change.kind === "createTable" || change.kind === "dropTable") changeTexts(change, dialect);
  else if (change.kind === "addColumn") {
    demandName(change.column.name, "field", dialect.ddl);
    columnText(change.column, dialect);
  } else if (change.kind === "alterColumn") {
    if (change.to.type) typeText(change.to.type, dialect.ddl);
    const type = change.to.type ?? { ...NO_TYPE, family: change.column.family };
    if (change.to.default) dialect.ddl.defaultText({ type, default: change.to.default });
  }
}

const NO_TYPE = {
  simple: "string",
  length: null,
  precision: null,
  scale: null,
  fixedLength: false,
  multibyte: false,
} as const;

function stepsOf(changes: readonly SchemaChange[]): readonly Step[] {
  const steps: { index: number; changes: SchemaChange[] }[] = [];
  changes.forEach((change, index) => {
    const last = steps.at(-1);
    const [before] = last?.changes ?? [];
    if (last && before && isAlter(before) && isAlter(change) && isSameTable(before, change)) last.changes.push(change);
    else steps.push({ index, changes: [change] });
  });
  return steps;
}

function isAlter(change: SchemaChange): change is AlterChange {
  return change.kind !== "createTable" && change.kind !== "dropTable";
}

function isSameTable({ table: one }: SchemaChange, { table: other }: SchemaChange): boolean {
  return one.schema === other.schema && one.nativeName === other.nativeName;
}

async function runStep({ changes }: Step, dialect: Dialect, execute: Execute): Promise<void> {
  const altering = changes.filter(isAlter);
  const [first] = altering;
  if (first === undefined) {
    for (const sql of changes.flatMap((change) => changeTexts(change, dialect))) await execute(sql);
    return;
  }
  const table = dialect.tableName(first.table);
  for (const change of altering) {
    await demandNoLoss(change, dialect, execute);
    await demandValues(change, dialect, execute);
  }
  const definitions = altering.some(isModified) ? text((await execute(`SHOW CREATE TABLE ${table}`)).rows[0]?.[1]) : "";
  const clauses = altering.flatMap((change) => clausesOf(change, definitions, dialect));
  await execute(`ALTER TABLE ${table} ${clauses.join(", ")}`);
}

/** Where other databases refuse, MySQL makes up a value for the rows that have none. */
async function demandValues(change: AlterChange, dialect: Dialect, execute: Execute): Promise<void> {
  if (change.kind !== "addColumn" || !change.column.required || change.column.default) return;
  const { rows } = await execute(`SELECT 1 FROM ${dialect.tableName(change.table)} LIMIT 1`);
  if (rows.length > 0) throw new DatabaseError("not_null");
}

/** A default by itself is changed without saying all of the column again. */
function isModified(change: AlterChange): boolean {
  return change.kind === "alterColumn" && (change.to.type !== undefined || change.to.required !== undefined);
}

function clausesOf(change: AlterChange, definitions: string, dialect: Dialect): readonly string[] {
  const quote = (name: string) => dialect.quote(name);
  switch (change.kind) {
    case "addColumn":
      return [`ADD COLUMN ${columnText(change.column, dialect)}`];
    case "dropColumn":
      return [`DROP COLUMN ${quote(change.column)}`];
    case "addIndex": {
      const kind = change.index.unique ? "UNIQUE INDEX" : "INDEX";
      return [`ADD ${kind} ${quote(indexName(change.table, change.index))} ${list(change.index.columns, dialect)}`];
    }
    case "dropIndex":
      return [`DROP INDEX ${quote(change.index.name)}`];
    case "addForeignKey":
      return [`ADD ${foreignKeyText(change.foreignKey, dialect)}`];
    case "dropForeignKey":
      return [`DROP FOREIGN KEY ${quote(change.foreignKey.name ?? "")}`];
    case "alterColumn":
      return [isModified(change) ? modifyText(change, definitions, dialect) : defaultClause(change, dialect)];
  }
}

type AlterColumn = Extract<AlterChange, { kind: "alterColumn" }>;

function defaultClause({ column, to }: AlterColumn, dialect: Dialect): string {
  const alter = `ALTER COLUMN ${dialect.quote(column.name)}`;
  if (!to.default) return `${alter} DROP DEFAULT`;
  const type = { ...NO_TYPE, native: column.dbType, family: column.family };
  return `${alter} SET DEFAULT ${dialect.ddl.defaultText({ type, default: to.default })}`;
}

const STARTS: ReadonlySet<string> = new Set(
  "CHARACTER COLLATE NOT NULL DEFAULT ON AUTO_INCREMENT COMMENT CHECK GENERATED AS INVISIBLE WITH WITHOUT".split(" "),
);

/** MODIFY forgets what it does not say: the whole definition is taken from the server, where it stands on a line. */
function modifyText({ column, to }: AlterColumn, definitions: string, dialect: Dialect): string {
  const name = dialect.quote(column.name);
  const line = definitions.split("\n").find((each) => each.startsWith(`  ${name} `));
  if (line === undefined) throw new DatabaseError("undefined_object");
  const definition = readDefinition(line.slice(name.length + 3).replace(/,$/, ""), STARTS, TOKENS);
  return `MODIFY COLUMN ${name} ${alteredText(definition, column, to, dialect)}`;
}
