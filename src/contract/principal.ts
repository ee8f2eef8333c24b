import type { Person } from "./person.ts";
import type { AppRecord, RoleRecord } from "./settings.ts";

/** A login in use. */
export interface Session {
  readonly id: string;
  readonly token: string;
  /** Seconds since 1970. */
  readonly expires: number;
  /** The `tokensSince` of the account when the login was checked: the session ends when that changes. */
  readonly since: number;
}

/** Who makes a call: the outcome of authentication. */
export type Principal =
  | { readonly kind: "guest" }
  | { readonly kind: "app"; readonly app: AppRecord; readonly role: RoleRecord }
  | { readonly kind: "admin"; readonly person: Person; readonly session: Session; readonly app?: AppRecord };
