import type { ServiceHost } from "../../src/contract/service.ts";
import type { Connector, Runner } from "../../src/db/connector.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import { runReads } from "./batch.ts";
import { d1Binding } from "./binding.ts";
import { Overtaken, Refused, StoreChange } from "./change.ts";
import { d1Connector } from "./connector.ts";
import { d1 } from "./dialect.ts";
import { d1Driver } from "./driver.ts";
import { Turns } from "./turns.ts";

const SCHEME = "d1:";
const STATEMENT_TIMEOUT_MS = 30_000;
const TURN_WAIT_MS = 10_000;

/** The settings in a D1 database. Its transactions are kept back and written as one batch: see {@link StoreChange}. */
export async function connectStore(url: string, host: ServiceHost): Promise<Connector> {
  const binding = d1Binding(url.slice(SCHEME.length), host);
  const driver = d1Driver({ binding: () => binding, statementTimeoutMs: STATEMENT_TIMEOUT_MS });
  const { batch: _, ...connector } = d1Connector(driver, "number", host);
  const placeOf = (signal: AbortSignal) => ({ dialect: d1, driver, host, signal });
  const turns = new Turns(TURN_WAIT_MS);
  const transaction = <T>(work: (inside: Runner) => Promise<T>, signal: AbortSignal): Promise<T> =>
    turns.run((takeTurn) =>
      untilWritten(async (refused) => {
        const change = new StoreChange(connector, placeOf(signal), { takeTurn, refused });
        const result = await work(change);
        await change.commit();
        return result;
      }, signal),
    );
  return { ...connector, readAll: (plans, signal) => runReads(plans, placeOf(signal)), transaction };
}

const ATTEMPTS = 20;
const PAUSE_MS = 20;

/**
 * A change that was overtaken has written nothing, and is made again; each time one of those that compete comes through.
 * One that was refused is made again too, so that it fails at the very write, where whoever made it can say what that was.
 */
async function untilWritten<T>(attempt: (refused: Refused | undefined) => Promise<T>, signal: AbortSignal): Promise<T> {
  let refused: Refused | undefined;
  for (let count = 1; ; count++) {
    try {
      return await attempt(refused);
    } catch (error) {
      if (!(error instanceof Overtaken || error instanceof Refused)) throw error;
      if (count === ATTEMPTS || signal.aborted) throw lastly(error);
      if (error instanceof Refused) refused = error;
      else await new Promise((resolve) => setTimeout(resolve, Math.random() * PAUSE_MS * count));
    }
  }
}

function lastly(error: Overtaken | Refused): DatabaseError {
  return error instanceof Refused ? error.reason : new DatabaseError("conflict", { cause: error });
}
