import type { ServiceHost } from "../../src/contract/service.ts";
import type { Connector, Runner } from "../../src/db/connector.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import { runReads } from "./batch.ts";
import { d1Binding } from "./binding.ts";
import { Overtaken, StoreChange } from "./change.ts";
import { d1Connector } from "./connector.ts";
import { d1 } from "./dialect.ts";
import { d1Driver } from "./driver.ts";

const SCHEME = "d1:";
const STATEMENT_TIMEOUT_MS = 30_000;

/** The settings in a D1 database. Its transactions are kept back and written as one batch: see {@link StoreChange}. */
export async function connectStore(url: string, host: ServiceHost): Promise<Connector> {
  const binding = d1Binding(url.slice(SCHEME.length), host);
  const driver = d1Driver({ binding: () => binding, statementTimeoutMs: STATEMENT_TIMEOUT_MS });
  const { batch: _, ...connector } = d1Connector(driver, "number", host);
  const placeOf = (signal: AbortSignal) => ({ dialect: d1, driver, host, signal });
  const attempt = async <T>(work: (inside: Runner) => Promise<T>, signal: AbortSignal) => {
    const change = new StoreChange(connector, placeOf(signal));
    const result = await work(change);
    await change.commit();
    return result;
  };
  return {
    ...connector,
    readAll: (plans, signal) => runReads(plans, placeOf(signal)),
    transaction: (work, signal) => untilFirst(() => attempt(work, signal), signal),
  };
}

const ATTEMPTS = 20;
const PAUSE_MS = 20;

/** A change that was overtaken has written nothing, and is made again; each time one of those that compete comes through. */
async function untilFirst<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
      if (count === ATTEMPTS || signal.aborted) throw new DatabaseError("conflict", { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, Math.random() * PAUSE_MS * count));
  }
}
