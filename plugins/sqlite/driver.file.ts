import { closeSync, mkdirSync, openSync, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type ConnectFailure, DatabaseError } from "../../src/db/errors.ts";
import { MEMORY } from "./client.ts";

/** Where a database file stands and which file that was. The same for Node and Bun. */
export interface DatabaseFile {
  /** An absolute path, which SQLite never takes for a URI; or `:memory:`. */
  readonly path: string;
  isCurrent(): boolean;
}

const FAILURES: Readonly<Record<string, ConnectFailure>> = { EACCES: "no_privilege", EPERM: "no_privilege" };

/** Finds the file, or makes it for its owner alone. Raises `unavailable` when there is none. */
export function databaseFile(path: string, create: boolean): DatabaseFile {
  if (path === MEMORY) return { path, isCurrent: () => true };
  const absolute = resolve(path);
  try {
    if (create) makeFile(absolute);
    const opened = statSync(absolute);
    if (!opened.isFile()) throw new DatabaseError("unavailable", { connect: "no_database" });
    return { path: absolute, isCurrent: () => isSame(opened, statSync(absolute, { throwIfNoEntry: false })) };
  } catch (error) {
    if (error instanceof DatabaseError) throw error;
    const connect = FAILURES[(error as { code?: string }).code ?? ""] ?? "no_database";
    throw new DatabaseError("unavailable", { connect, cause: error });
  }
}

function makeFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  closeSync(openSync(path, "a", 0o600));
}

function isSame(opened: Stats, found: Stats | undefined): boolean {
  return found !== undefined && found.ino === opened.ino && found.dev === opened.dev;
}
