export type LogLevel = "debug" | "info" | "warn" | "error";
export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Writes one JSON line; fields hold no secrets and no values of requests. */
export interface Logger {
  /** Whether lines of the level are written at all. */
  writes(level: LogLevel): boolean;
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What Node, Bun and Workers each do in their own way. */
export interface Runtime {
  readonly name: "node" | "bun" | "workers";
  readonly log: Logger;
  env(name: string): string | undefined;
  /** scrypt (RFC 7914): `cost` is N, block size 8, parallelisation 1, 32 bytes out. */
  scrypt(password: string, salt: Uint8Array, cost: number): Promise<Uint8Array>;
}
