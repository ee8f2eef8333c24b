import type { Call } from "../contract/call.ts";
import { Fault } from "../contract/fault.ts";
import type { OnceRequest } from "../contract/once.ts";
import { isJsonObject } from "../lib/json.ts";
import { identityOf } from "./identity.ts";

const LONGEST_KEY = 255;
/** A repeat may come with a newer token. */
const CREDENTIALS = new Set(["api_key", "session_token"]);

/** What a write asks that is to be done once, by its header `Idempotency-Key`. Raises `bad_request` for a key that is empty or too long. */
export function readOnce(call: Call, rights: string, isSecret: boolean): OnceRequest | undefined {
  const { verb, service, path, params, body, principal } = call;
  const key = call.header("Idempotency-Key");
  if (key === undefined || verb === "GET" || principal.kind === "guest") return undefined;
  if (key.trim() === "" || key.length > LONGEST_KEY)
    throw new Fault("bad_request", `The header 'Idempotency-Key' must hold 1 to ${LONGEST_KEY} characters.`);
  const said = [...params].filter(([name]) => !CREDENTIALS.has(name));
  return {
    identity: JSON.stringify([identityOf(principal), key]),
    request: JSON.stringify([verb, service, path, said, body ?? null]),
    rights,
    isSingle: isJsonObject(body) && !("resource" in body) && !("ops" in body),
    isSecret,
  };
}
