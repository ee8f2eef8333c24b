import type { DatabaseErrorKind } from "../db/errors.ts";

export interface Failure {
  readonly kind: DatabaseErrorKind;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The last failure of each database that was not its caller's doing. Names of services that exist, and so not many. */
export class LastFailures {
  readonly #failures = new Map<string, Failure>();

  note(service: string, kind: DatabaseErrorKind): void {
    this.#failures.set(service, { kind, at: Date.now() });
  }

  of(service: string): Failure | undefined {
    return this.#failures.get(service);
  }
}
