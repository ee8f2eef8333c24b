import { Fault } from "../contract/fault.ts";
import { Lru } from "../lib/lru.ts";

const MOST_FAILED = 10;
const WINDOW_MS = 15 * 60 * 1000;
const MOST_ACCOUNTS = 10_000;
/** No name of an account is longer, and a longer one is not worth the memory. */
const LONGEST_NAME = 255;

/** What is known of an account that somebody tries to log in to. */
interface Account {
  /** When the last logins failed, in milliseconds; those of one window. */
  failed: readonly number[];
  /** Logins that are being checked. */
  pending: number;
}

/**
 * Counts failed logins (contract §6): after ten within 15 minutes an account is closed to everybody for 15 minutes. Counts by
 * name, whether there is such an account or not, so that the answer does not tell.
 */
export class LoginAttempts {
  readonly #accounts = new Lru<string, Account>(MOST_ACCOUNTS);
  readonly #now: () => number;

  /** `now` gives milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Runs one login: `check` gives what it found, or `undefined` for a login that is wrong. Raises `too_many_requests` for a
   * closed account. A check that raises counts as none.
   */
  async run<T>(name: string, check: () => Promise<T | undefined>): Promise<T | undefined> {
    const key = name.toLowerCase().slice(0, LONGEST_NAME);
    const account = this.#accounts.get(key) ?? { failed: [], pending: 0 };
    this.#demandOpen(account);
    account.pending++;
    this.#accounts.set(key, account);
    try {
      const found = await check();
      account.failed = found === undefined ? this.#withFailure(account) : [];
      return found;
    } finally {
      account.pending--;
      if (account.pending === 0 && account.failed.length === 0) this.#accounts.delete(key);
    }
  }

  #demandOpen({ failed, pending }: Account): void {
    const closedUntil = failed.length < MOST_FAILED ? 0 : (failed.at(-1) ?? 0) + WINDOW_MS;
    if (closedUntil > this.#now()) throw tooMany(Math.ceil((closedUntil - this.#now()) / 1000));
    // Logins sent all at once must not get more tries than those sent one by one.
    if (this.#recent(failed).length + pending >= MOST_FAILED) throw tooMany(1);
  }

  #withFailure({ failed }: Account): readonly number[] {
    return [...this.#recent(failed), this.#now()];
  }

  #recent(failed: readonly number[]): readonly number[] {
    return failed.filter((time) => time > this.#now() - WINDOW_MS);
  }
}

function tooMany(seconds: number): Fault {
  return new Fault("too_many_requests", "Too many logins to this account have failed; please try again later.", {
    headers: { "Retry-After": String(seconds) },
  });
}
