import type * as v from "valibot";
import type { Call, Reply, Verb } from "./call.ts";
import type { DataCache } from "./data-cache.ts";
import type { ExtrasDoor } from "./extras.ts";
import type { Runtime, RuntimeName } from "./runtime.ts";

/** What the caller may do with one service. Made by the `access` room; a handler asks it again for all it touches besides. */
export interface Access {
  /** The verb mask of a component such as `_table/employees`, given as path segments. */
  verbs(component: readonly string[]): number;
  /** Whether the component may be used with the verb. */
  allows(component: readonly string[], verb: Verb): boolean;
  /** Raises `forbidden` when the component may not be used with the verb. */
  demand(component: readonly string[], verb: Verb): void;
  /** Does another call as the same caller, through the same gate as every call. */
  enter(inner: InnerCall): Promise<Reply>;
}

/** A call that is made on behalf of another one. */
export type InnerCall = Pick<Call, "verb" | "service" | "path" | "params" | "body">;

/** A live service: one configured database, the system API, later a script or a file store. */
export interface Service {
  handle(call: Call, access: Access): Promise<Reply>;
  /** Tries whether the service can be reached; raises a Fault whose sentence says what failed. */
  test(signal: AbortSignal): Promise<void>;
  /** Forgets what is cached, so that the next call reads it anew. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** What a service gets from the house it lives in. */
export interface ServiceHost extends Pick<Runtime, "log" | "env" | "binding" | "scope"> {
  /** The name of the service. */
  readonly name: string;
  /** Whether a path leads to a file that holds Millrace's own settings or secrets: no service may open one. */
  isOwnFile?(path: string): boolean;
  /** What Millrace keeps of the schema of this service. None where a connection is only tried. */
  readonly extras?: ExtrasDoor;
  /** Makes texts that only this Millrace can read again, and that nobody can change. */
  readonly seal?: Seal;
  /** Where answers may be kept. */
  readonly cache?: DataCache;
}

/** `purpose` is bound to the text: sealed for one, it opens for no other. `open` raises an Error. */
export interface Seal {
  seal(text: string, purpose: string): Promise<string>;
  open(sealed: string, purpose: string): Promise<string>;
}

/** The type of the one service that holds Millrace's own settings. */
export const SYSTEM_TYPE = "system";

export type ConfigSchema = v.ObjectSchema<v.ObjectEntries, undefined>;

export type Absent = Readonly<Partial<Record<RuntimeName, string>>>;

/** A kind of service: the one point of extension. */
export interface ServiceType<S extends ConfigSchema = ConfigSchema> {
  readonly name: string;
  readonly label: string;
  readonly group: string;
  readonly description: string;
  /** Only one service of this type may exist, and it is made by Millrace. */
  readonly singleton?: boolean;
  readonly config: S;
  /** Why services of this type can not be served on a runtime, as one sentence; on all others they are. */
  readonly absent?: Absent;
  /** What the rights of a path are about, where a path holds more than names: for `_proc/name(1)` it is `_proc/name`. */
  component?(path: readonly string[]): readonly string[];
  /** Whether a call needs no right of its own, as the service demands one for each of its parts. */
  guardsParts?(call: Pick<Call, "verb" | "path">): boolean;
  open(config: v.InferOutput<S>, host: ServiceHost): Promise<Service>;
}
