import type { Alter } from "../../connector.ts";
import { DatabaseError } from "../../errors.ts";
import { ChangeFailure } from "../../schema/change.ts";
import type { Driver, Result } from "../driver.ts";
import { isNative } from "./column-type.ts";
import type { DdlDialect } from "./ddl.ts";
import { guardText } from "./guard.ts";
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
      const steps = changes.map((change) => ({
        guard: guardText(change, dialect),
        texts: changeTexts(change, dialect),
      }));
      await driver.transaction(async (inside) => {
        const execute = (text: string) => inside.execute({ text, values: [] }, signal);
        for (const [index, step] of steps.entries())
          await runStep(step, execute).catch((error) => {
            throw new ChangeFailure(index, error);
          });
      }, signal);
    },
  };
}

interface Step {
  readonly guard: string | undefined;
  readonly texts: readonly string[];
}

async function runStep({ guard, texts }: Step, execute: (text: string) => Promise<Result>): Promise<void> {
  if (guard && (await execute(guard)).rows.length > 0) throw new DatabaseError("invalid_value");
  for (const text of texts) await execute(text);
}
