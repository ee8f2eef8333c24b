import type { Call, Reply } from "../../contract/call.ts";
import type { JsonObject } from "../../contract/json.ts";
import type { SystemParts } from "./resource.ts";

/** `system/environment`: what a client needs to log in, and for those who have, what they talk to. */
export function readEnvironment(call: Call, { version, runtime }: SystemParts): Reply {
  const open: JsonObject = {
    authentication: {
      allow_open_registration: false,
      admin: { path: "system/admin/session", verb: "POST", payload: { email: "string", password: "string" } },
      oauth: [],
      adldap: [],
      saml: [],
    },
    apps: [],
  };
  if (call.principal.kind !== "admin") return { status: 200, content: { value: open } };
  const known: JsonObject = {
    platform: { version, license: "Apache-2.0" },
    server: { runtime: runtime.name, host: call.host },
    client: { requestor: call.requestor },
  };
  return { status: 200, content: { value: { ...open, ...known } } };
}
