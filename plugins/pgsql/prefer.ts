import { TlsExperience } from "../../src/db/sql/tls-experience.ts";
import type { PgClient, PgPool } from "./client.ts";
import { connectError } from "./errors.ts";

/**
 * libpq's `prefer`: TLS where the server speaks it, plain text where it does not; asked anew when a connection fails,
 * and now and then.
 */
export function preferTls(secured: PgPool, plain: PgPool, experience = new TlsExperience()): PgPool {
  return new PreferTls(secured, plain, experience);
}

class PreferTls implements PgPool {
  readonly #secured: PgPool;
  readonly #plain: PgPool;
  readonly #experience: TlsExperience;

  constructor(secured: PgPool, plain: PgPool, experience: TlsExperience) {
    this.#secured = secured;
    this.#plain = plain;
    this.#experience = experience;
  }

  async connect(): Promise<PgClient> {
    const { speaksPlain } = this.#experience;
    const [first, second] = speaksPlain ? [this.#plain, this.#secured] : [this.#secured, this.#plain];
    try {
      return await first.connect();
    } catch (error) {
      const { connect } = connectError(error);
      if (connect !== "tls" && connect !== "no_privilege") throw error;
      // When neither will do, the reason that is not about TLS says more.
      const client = await second
        .connect()
        .catch((reason: unknown) => Promise.reject(connect === "tls" ? reason : error));
      this.#experience.note(!speaksPlain);
      return client;
    }
  }

  get idleCount(): number {
    return this.#secured.idleCount + this.#plain.idleCount;
  }

  async end(): Promise<void> {
    await Promise.all([this.#secured.end(), this.#plain.end()]);
  }
}
