import type { Alter } from "../../connector.ts";
import { ChangeFailure, type SchemaChange } from "../../schema/change.ts";
import type { Driver, Result } from "../driver.ts";
import { isNative } from "./column-type.ts";
import type { DdlDialect } from "./ddl.ts";
import { demandNoLoss } from "./guard.ts";
import { changeTexts } from "./statements.ts";

/** What a dialect knows of types, for a connector. */
export function typesOf({ ddl }: DdlDialect): Pick<Alter, "storedAs" | "isType"> {
  return {
    storedAs: (type) => ddl.types[type].reads ?? type,
    isType: (native) => isNative(native, ddl),
  };
}

/** Makes changes in one transaction, where a database undoes DDL like everything else. */
export function alterInTransaction(dialect: DdlDialect, driver: Driver): Alter {
  return {
    ...typesOf(dialect),
    run: async (changes, signal) => {
      const steps = changes.map((change) => ({ change, texts: changeTexts(change, dialect) }));
      await driver.transaction(async (inside) => {
        const execute = (text: string) => inside.execute({ text, values: [] }, signal);
        for (const [index, step] of steps.entries())
          await runStep(step, dialect, execute).catch((error) => {
            throw new ChangeFailure(index, error);
          });
      }, signal);
    },
  };
}

interface Step {
  readonly change: SchemaChange;
  readonly texts: readonly string[];
}

type Execute = (text: string) => Promise<Result>;

async function runStep({ change, texts }: Step, dialect: DdlDialect, execute: Execute): Promise<void> {
  await demandNoLoss(change, dialect, execute);
  for (const text of texts) await execute(text);
}
