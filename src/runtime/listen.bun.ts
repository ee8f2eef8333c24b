import { serve } from "bun";
import { type Fetch, type Listener, listenError, refuseAtStart, urlOf } from "./listen.ts";
import type { Variables } from "./variables.ts";

/** Takes the port by Bun's HTTP server. Raises an Error of one sentence when it can not. */
export async function listen(variables: Variables): Promise<Listener> {
  let answer: Fetch = refuseAtStart;
  const server = bind(variables, (request) => answer(request, {}));
  return {
    url: urlOf(variables.HOST, server.port ?? variables.PORT),
    answerWith: (fetch) => {
      answer = fetch;
    },
    close: () => server.stop(),
  };
}

function bind(variables: Variables, fetch: (request: Request) => Promise<Response> | Response) {
  try {
    return serve({ hostname: variables.HOST, port: variables.PORT, fetch });
  } catch (error) {
    throw listenError(error, variables);
  }
}
