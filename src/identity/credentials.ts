import { unreadable } from "./refusal.ts";

/** What a caller shows of itself, unchecked. */
export interface Credentials {
  readonly apiKey?: string;
  readonly token?: string;
}

const LONGEST = 8 * 1024;
/** RFC 9110 §11.4: a scheme, then spaces and what it needs. */
const AUTHORIZATION = /^([^ ]*) *(.*)$/;

/** Finds the credentials of a request; a header wins over the query, and an empty value counts as none. Raises `unauthenticated` for what it cannot read. */
export function readCredentials(headers: Headers, query: URLSearchParams): Credentials {
  const apiKey = first(headers.get("X-DreamFactory-API-Key"), headers.get("X-API-Key"), query.get("api_key"));
  const bearer = readAuthorization(headers.get("Authorization"));
  const token = first(bearer, headers.get("X-DreamFactory-Session-Token"), query.get("session_token"));
  return { ...(apiKey !== undefined && { apiKey }), ...(token !== undefined && { token }) };
}

function readAuthorization(header: string | null): string | null {
  if (header === null || header === "") return null;
  demandBounded(header);
  const [, scheme = "", value = ""] = AUTHORIZATION.exec(header) ?? [];
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() === "basic") {
    throw unreadable("HTTP Basic authentication is not served yet; please send an API key or a session token.");
  }
  throw unreadable("The Authorization header must hold a Bearer token.");
}

function first(...values: readonly (string | null)[]): string | undefined {
  const found = values.find((value) => value !== null && value !== "") ?? undefined;
  if (found !== undefined) demandBounded(found);
  return found;
}

function demandBounded(credential: string): void {
  if (credential.length > LONGEST) throw unreadable("The credentials of this request are too long.");
}
