import { Fault } from "../contract/fault.ts";

const BEARER = 'Bearer realm="Millrace"';
const API_KEY = 'ApiKey realm="Millrace"';

/** 401 for a call that needs credentials and has none. */
export function credentialsRequired(): Fault {
  return refusal("This request needs an API key or a session token.", `${BEARER}, ${API_KEY}`);
}

/** 401 for every API key that does not count, in the same words whatever is wrong with it. */
export function badKey(): Fault {
  return refusal("The API key is not valid.", API_KEY);
}

/** 401 for every session token that does not count, in the same words whatever is wrong with it. */
export function badToken(cause?: unknown): Fault {
  return refusal("The session token is not valid or has expired; please log in again.", BEARER, cause);
}

/** 401 for credentials that cannot even be read. */
export function unreadable(message: string): Fault {
  return refusal(message, BEARER);
}

function refusal(message: string, challenge: string, cause?: unknown): Fault {
  return new Fault("unauthenticated", message, { headers: { "WWW-Authenticate": challenge }, cause });
}
