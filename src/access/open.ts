import { VERB_BITS, type Verb } from "../contract/call.ts";

interface OpenResource {
  readonly service: string;
  readonly path: readonly string[];
  readonly verbs: number;
}

const { GET, POST, PUT, DELETE } = VERB_BITS;
const SESSION = GET | POST | PUT | DELETE;

const OPEN: readonly OpenResource[] = [
  { service: "system", path: ["environment"], verbs: GET },
  { service: "system", path: ["admin", "session"], verbs: SESSION },
  { service: "system", path: ["admin", "password"], verbs: POST },
  { service: "user", path: ["session"], verbs: SESSION },
  { service: "user", path: ["password"], verbs: POST },
  { service: "user", path: ["register"], verbs: POST },
];

/** Whether a resource may be used without credentials: what one needs to log in, to register or to get a new password. */
export function isOpen(verb: Verb, service: string, path: readonly string[]): boolean {
  return OPEN.some(
    (open) => open.service === service && (open.verbs & VERB_BITS[verb]) !== 0 && samePath(open.path, path),
  );
}

function samePath(open: readonly string[], path: readonly string[]): boolean {
  return open.length === path.length && open.every((segment, at) => segment === path[at]?.toLowerCase());
}
