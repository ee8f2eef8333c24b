import { type ConnectFailure, DatabaseError } from "../errors.ts";

/** After such a failure nobody is there who could answer the next attempt at once. */
const NOBODY_THERE: readonly (ConnectFailure | undefined)[] = ["refused", "name_not_found", "not_connected"];
const REST_MS = 100;

/**
 * Lets attempts to connect rest for a tenth of a second after one that found nobody: those who ask meanwhile are told the
 * same. A flood of attempts in vain would take the time of all other services.
 */
export class ConnectRest {
  #last: DatabaseError | undefined;
  #until = 0;

  /** Raises what `connect` raises, or what it raised a moment ago. */
  async run<T>(connect: () => Promise<T>): Promise<T> {
    if (this.#last !== undefined && performance.now() < this.#until) throw this.#last;
    try {
      return await connect();
    } catch (error) {
      this.#note(error);
      throw error;
    }
  }

  #note(error: unknown): void {
    if (!(error instanceof DatabaseError) || !NOBODY_THERE.includes(error.connect)) return;
    this.#last = error;
    this.#until = performance.now() + REST_MS;
  }
}
