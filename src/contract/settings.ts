import type { SchemaExtras } from "./extras.ts";
import type { JsonObject } from "./json.ts";
import type { Person } from "./person.ts";

/** A configured service as the store keeps it, with the secrets of its config in plain text. */
export interface ServiceRecord {
  readonly id: number;
  readonly name: string;
  readonly label: string;
  readonly description: string | null;
  readonly type: string;
  readonly isActive: boolean;
  readonly config: JsonObject;
  /** Changes whenever the record does: an open service with another revision is stale. */
  readonly revision: string;
  readonly extras: SchemaExtras;
}

/** One entry of a role: what it gives on a component of a service. */
export interface ServiceAccess {
  /** `null` = all services. */
  readonly serviceId: number | null;
  readonly component: string;
  readonly verbMask: number;
  readonly requestorMask: number;
}

export interface RoleRecord {
  readonly id: number;
  readonly name: string;
  readonly isActive: boolean;
  readonly access: readonly ServiceAccess[];
}

export interface AppRecord {
  readonly id: number;
  readonly name: string;
  readonly isActive: boolean;
  readonly roleId: number | null;
}

/** An administrator as a session needs it: only tokens that name this very `tokensSince` count (milliseconds since 1970). */
export interface AdminRecord extends Person {
  readonly isActive: boolean;
  readonly tokensSince: number;
}

/** Everything that a request has to know, in one immutable picture. */
export interface Settings {
  /** Differs whenever anything in it does. */
  readonly version: string;
  readonly services: ReadonlyMap<string, ServiceRecord>;
  readonly roles: ReadonlyMap<number, RoleRecord>;
  readonly apps: ReadonlyMap<number, AppRecord>;
  /** By the hexadecimal SHA-256 digest of the key. */
  readonly appsByKey: ReadonlyMap<string, AppRecord>;
  readonly admins: ReadonlyMap<number, AdminRecord>;
  /** Ids (`jti`) of session tokens that were ended before their time. */
  readonly revokedTokens: ReadonlySet<string>;
}
