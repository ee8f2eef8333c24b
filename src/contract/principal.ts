import type { AppRecord, RoleRecord } from "./settings.ts";

/** Somebody with a login. */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly username: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly isSysAdmin: boolean;
  /** UTC, `YYYY-MM-DD HH:MM:SS`. */
  readonly lastLoginDate: string | null;
}

/** A login in use. */
export interface Session {
  readonly id: string;
  readonly token: string;
  /** Seconds since 1970. */
  readonly expires: number;
}

/** Who makes a call: the outcome of authentication. */
export type Principal =
  | { readonly kind: "guest" }
  | { readonly kind: "app"; readonly app: AppRecord; readonly role: RoleRecord }
  | { readonly kind: "admin"; readonly person: Person; readonly session: Session; readonly app?: AppRecord };
