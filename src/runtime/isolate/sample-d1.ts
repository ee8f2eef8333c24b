import { d1Binding } from "../../../plugins/d1/binding.ts";
import { type D1Driver, d1Driver } from "../../../plugins/d1/driver.ts";
import type { ServiceHost } from "../../contract/service.ts";
import type { SampleService } from "../first/first-start.ts";
import { sampleStatements } from "../first/sample.ts";

/** The name that the D1 database of the sample is bound to. */
const BINDING = "SAMPLE";
/** Values that one statement of D1 may carry. */
const MOST_VALUES = 100;
const TIMEOUT_MS = 30_000;

/** Makes the sample in the D1 database `SAMPLE`, unless it is there. Raises a Fault when there is no such binding. */
export async function makeSampleInD1(host: Pick<ServiceHost, "binding">): Promise<SampleService> {
  await fill(d1Driver({ binding: () => d1Binding(BINDING, host), statementTimeoutMs: TIMEOUT_MS }));
  return { type: "d1", config: { binding: BINDING } };
}

/** Of isolates that start at once one fills the database, and the others find it so. */
async function fill(driver: D1Driver): Promise<void> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  if (await isFilled(driver, signal)) return;
  await driver.batch(sampleStatements(MOST_VALUES), signal).catch(async (error: unknown) => {
    if (!(await isFilled(driver, signal))) throw error;
  });
}

async function isFilled(driver: D1Driver, signal: AbortSignal): Promise<boolean> {
  const text = "SELECT name FROM sqlite_master WHERE name = 'employees'";
  return (await driver.execute({ text, values: [] }, signal)).rows.length > 0;
}
