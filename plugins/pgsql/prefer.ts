import type { PgClient, PgPool } from "./client.ts";
import { connectError } from "./errors.ts";

/** libpq's `prefer`: TLS where the server speaks it, plain text where it does not; asked anew when a connection fails. */
export function preferTls(secured: PgPool, plain: PgPool): PgPool {
  return new PreferTls(secured, plain);
}

class PreferTls implements PgPool {
  #first: PgPool;
  #second: PgPool;

  constructor(secured: PgPool, plain: PgPool) {
    this.#first = secured;
    this.#second = plain;
  }

  async connect(): Promise<PgClient> {
    const [first, second] = [this.#first, this.#second];
    try {
      return await first.connect();
    } catch (error) {
      const { connect } = connectError(error);
      if (connect !== "tls" && connect !== "no_privilege") throw error;
      // When neither will do, the reason that is not about TLS says more.
      const client = await second
        .connect()
        .catch((reason: unknown) => Promise.reject(connect === "tls" ? reason : error));
      [this.#first, this.#second] = [second, first];
      return client;
    }
  }

  async end(): Promise<void> {
    await Promise.all([this.#first.end(), this.#second.end()]);
  }
}
