export type LogLevel = "debug" | "info" | "warn" | "error";
export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** What a line says besides its message: no secrets, and no values of requests. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes one JSON line. */
export interface Logger {
  /** Whether lines of the level are written at all. */
  writes(level: LogLevel): boolean;
  log(level: LogLevel, message: string, fields?: LogFields): void;
  /** Does `work`: each line that it writes, however deep inside, carries `fields` too. Only where debug lines are written, as it costs. */
  during?<T>(fields: LogFields, work: () => T): T;
}

export const RUNTIMES = ["node", "bun", "workers"] as const;
export type RuntimeName = (typeof RUNTIMES)[number];

/** One request, where a platform ties sockets to it: what it opened nobody else may use, and it ends with it. */
export interface RequestScope {
  /** Runs the work once the request is answered. */
  defer(work: () => Promise<void>): void;
}

/** What Node, Bun and Workers each do in their own way. */
export interface Runtime {
  readonly name: RuntimeName;
  readonly log: Logger;
  env(name: string): string | undefined;
  /** What the platform has bound to a name besides texts, such as a D1 database. */
  binding?(name: string): unknown;
  /** The request on whose behalf this runs, on platforms that tie sockets to it. */
  scope?(): RequestScope;
  /** scrypt (RFC 7914): `cost` is N, block size 8, parallelisation 1, 32 bytes out. */
  scrypt(password: string, salt: Uint8Array, cost: number): Promise<Uint8Array>;
}
