import { Fault } from "../contract/fault.ts";
import { DatabaseError } from "../db/errors.ts";
import { requestIdOf } from "../http/exchange.ts";
import { alive } from "../http/operations.ts";
import { renderFault } from "../http/render.ts";
import type { StreamHost } from "../http/stream.ts";
import { within } from "../lib/within.ts";
import type { OpenHouse } from "./house.ts";
import type { Bindings } from "./isolate/bindings.ts";
import { openIsolate } from "./isolate/isolate.ts";
import { Opening } from "./isolate/opening.ts";
import { asOwnRequest, asRequest } from "./isolate/request-scope.ts";
import { SettingsWatch } from "./isolate/settings-watch.ts";
import { jsonLogger } from "./log.ts";
import { lookAtSettings } from "./look.ts";
import { isLivenessProbe, refuseAtStart } from "./server/listen.ts";

interface ExecutionContext {
  waitUntil(work: Promise<unknown>): void;
}

/** The house of this isolate, and what keeps its settings fresh. */
interface Inhabited {
  readonly house: OpenHouse;
  readonly watch: SettingsWatch;
}

/** How long a request waits for the house to be opened. */
const MOST_WAIT_MS = 10_000;

const opening = new Opening<Inhabited>(logFailure);

export default {
  /** A request is run to its end even when its client goes away: what others wait for must not stop half-way. */
  async fetch(request: Request, bindings: Bindings, context: ExecutionContext): Promise<Response> {
    if (isLivenessProbe(request)) return alive(request);
    const { result, ended } = asRequest((streaming) => answer(request, bindings, streaming));
    context.waitUntil(ended);
    return result;
  },
};

async function answer(request: Request, bindings: Bindings, streaming: StreamHost): Promise<Response> {
  const open = () => asOwnRequest(() => inhabit(bindings));
  const entered = await within(opening.get(open), MOST_WAIT_MS).catch(refusal);
  if (entered === undefined) return refuseAtStart(request);
  if (entered instanceof Fault) return renderFault(entered, request, requestIdOf(request.headers));
  const { house, watch } = entered;
  await watch.keepFresh();
  return house.fetch(request, { streaming });
}

async function inhabit(bindings: Bindings): Promise<Inhabited> {
  const house = await openIsolate(bindings);
  return { house, watch: new SettingsWatch(() => asOwnRequest(() => lookAtSettings(house))) };
}

const RETRY_AFTER = { "Retry-After": "2" };

/** A database may come back by itself; all else waits for somebody to change what is configured. */
function refusal(error: unknown): Fault {
  const isOutage = error instanceof Error && error.cause instanceof DatabaseError;
  const sentence = isOutage
    ? "The database of Millrace's own settings can not be used. The log says why."
    : "Millrace is not configured so that it can start. The log says what is wrong.";
  return new Fault("unavailable", sentence, { headers: RETRY_AFTER });
}

/** A sentence is for the operator; what is none is a mistake of ours, and needs its place. */
function logFailure(error: unknown): void {
  const { name, message, cause, stack } = error instanceof Error ? error : new Error(String(error));
  const log = jsonLogger("error", (line) => console.log(line));
  log.log("error", message, {
    ...(cause !== undefined && { cause: String((cause as Error).cause ?? cause) }),
    ...(name !== "Error" && { stack }),
  });
}
