import { VERB_BITS, type Verb } from "../contract/call.ts";

const { GET, POST, PUT, DELETE } = VERB_BITS;

/** By service and path. Letter case counts here: the handlers compare exactly, and another spelling is another resource. */
const OPEN = [
  { service: "system", path: ["environment"], verbs: GET },
  { service: "system", path: ["admin", "session"], verbs: GET | POST | PUT | DELETE },
] as const;

/** Whether a resource may be used without credentials: what one needs to log in. */
export function isOpen(verb: Verb, service: string, path: readonly string[]): boolean {
  return OPEN.some(
    (open) => open.service === service && (open.verbs & VERB_BITS[verb]) !== 0 && samePath(open.path, path),
  );
}

function samePath(open: readonly string[], path: readonly string[]): boolean {
  return open.length === path.length && open.every((segment, at) => segment === path[at]);
}
