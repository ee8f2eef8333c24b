import { DatabaseError } from "../../src/db/errors.ts";
import type { Bound, Cell, Result } from "../../src/db/sql/driver.ts";
import { Lru } from "../../src/lib/lru.ts";
import type { Client, OpenOptions } from "./client.ts";
import { databaseFile } from "./driver.file.ts";
import type { Handle, Library, Prepared } from "./library.ts";

const PREPARED = 256;
/** Longer statements, mostly inserts of many rows, seldom come back in the same form. */
const LONGEST_PREPARED = 20_000;

/** A database file, opened by the library of a runtime. */
export class FileClient implements Client {
  readonly #library: Library;
  readonly #handle: Handle;
  readonly #prepared = new Lru<string, Prepared>(PREPARED, (each) => each.release());
  readonly isCurrent: () => boolean;

  constructor(library: Library, { path, statements, isOwnFile = () => false }: OpenOptions, create: boolean) {
    const file = databaseFile(path, create);
    if (isOwnFile(file.path)) throw new DatabaseError("unavailable", { connect: "no_privilege" });
    this.#library = library;
    this.isCurrent = file.isCurrent;
    this.#handle = this.#translated(() => library.open(file.path));
    try {
      this.#setUp(statements, isOwnFile);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get inTransaction(): boolean {
    return this.#handle.inTransaction;
  }

  run(text: string, values: readonly Bound[]): Result {
    if (!this.#handle.isOpen) throw new DatabaseError("unavailable", { connect: "lost" });
    return this.#translated(() =>
      text.length > LONGEST_PREPARED ? this.#runOnce(text, values) : this.#prepare(text).run(values),
    );
  }

  *rows(text: string, values: readonly Bound[]): Generator<readonly Cell[]> {
    const statement = this.#translated(() => this.#handle.prepare(text));
    try {
      yield* statement.rows(values);
    } catch (error) {
      throw this.#library.errorOf(error);
    } finally {
      statement.release();
    }
  }

  hasWriteAheadLog(): boolean {
    return this.run("PRAGMA journal_mode", []).rows[0]?.[0] === "wal";
  }

  close(): void {
    this.#prepared.clear();
    this.#handle.close();
  }

  #runOnce(text: string, values: readonly Bound[]): Result {
    const statement = this.#handle.prepare(text);
    try {
      return statement.run(values);
    } finally {
      statement.release();
    }
  }

  #prepare(text: string): Prepared {
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    const made = this.#handle.prepare(text);
    this.#prepared.set(text, made);
    return made;
  }

  /** The first statement that reads the file finds out whether it is a database at all. */
  #setUp(statements: readonly string[], isOwnFile: (path: string) => boolean): void {
    this.#translated(() => this.#handle.exec("SELECT 1 FROM sqlite_schema LIMIT 1"));
    this.#useWriteAheadLog();
    try {
      for (const statement of statements) this.#handle.execForeign(statement, isOwnFile);
    } catch (error) {
      const translation = this.#library.errorOf(error);
      throw translation.kind === "conflict" ? translation : new DatabaseError("unavailable", { cause: error });
    }
  }

  /** A file or folder that can only be read stays as it is; reads work all the same. */
  #useWriteAheadLog(): void {
    try {
      this.#handle.exec("PRAGMA journal_mode = WAL");
    } catch (error) {
      const translation = this.#library.errorOf(error);
      if (translation.kind === "conflict") throw translation;
    }
  }

  #translated<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#library.errorOf(error);
    }
  }
}
