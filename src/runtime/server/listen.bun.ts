import { type Server, serve } from "bun";
import { Fault } from "../../contract/fault.ts";
import type { Logger } from "../../contract/runtime.ts";
import { renderFault } from "../../http/render.ts";
import type { Variables } from "../variables.ts";
import { type Fetch, type Listener, listenError, refuseAtStart, refuseFailed, urlOf } from "./listen.ts";
import { Running } from "./running.bun.ts";
import { TIMEOUTS, type Timeouts } from "./timeouts.ts";

/** Larger than any body that is served: Bun's own refusal has no body that says why. It keeps no more of one than we read. */
const MOST_BODY_BYTES = 2 ** 40;

type Answer = (request: Request) => Promise<Response>;

/** Takes the port by Bun's HTTP server. Raises an Error of one sentence when it can not. */
export async function listen(variables: Variables, log: Logger, timeouts: Timeouts = TIMEOUTS): Promise<Listener> {
  let answer: Fetch = refuseAtStart;
  const running = new Running(timeouts);
  const server = bind(variables, timeouts, (request) => running.answer(request, () => answered(request, answer, log)));
  running.watch(server);
  return {
    url: urlOf(variables.HOST, server.port ?? variables.PORT),
    answerWith: (fetch) => {
      answer = fetch;
    },
    close: () => running.drain(server),
  };
}

function bind(variables: Variables, { keepAliveMs }: Timeouts, fetch: Answer): Server<undefined> {
  try {
    return serve({
      hostname: variables.HOST,
      port: variables.PORT,
      // Bun has one limit: for headers, for each part of a body, for the next request, for a client that reads nothing.
      idleTimeout: keepAliveMs / 1000,
      maxRequestBodySize: MOST_BODY_BYTES,
      development: false,
      fetch,
    });
  } catch (error) {
    throw listenError(error, variables);
  }
}

/** An answer whatever happens: Bun's own would be a page of HTML. */
async function answered(request: Request, answer: Fetch, log: Logger): Promise<Response> {
  if (!URL.canParse(request.url)) return renderFault(invalidTarget(), request, crypto.randomUUID());
  try {
    return await answer(withoutHead(request), {});
  } catch (error) {
    return refuseFailed(request, error, log);
  }
}

/** GET where HEAD is asked for: Bun leaves the body out by itself, and tells its length (RFC 9110 §8.6). */
function withoutHead(request: Request): Request {
  const { method, url, headers, signal } = request;
  return method === "HEAD" ? new Request(url, { headers, signal }) : request;
}

function invalidTarget(): Fault {
  const message = "The target or the Host header of the request is not valid.";
  return new Fault("bad_request", message, { headers: { Connection: "close" } });
}
