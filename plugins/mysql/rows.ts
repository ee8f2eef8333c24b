import type { Connection, ExecuteValues } from "mysql2";
import { DatabaseError } from "../../src/db/errors.ts";
import type { Cell, Result } from "../../src/db/sql/driver.ts";
import { Portion } from "../../src/db/sql/portion.ts";
import type { Give } from "../../src/lib/relay.ts";

/** The time that the server has for what comes next; it stands still while the client is waited for. */
export interface Clock {
  start(): void;
  stop(): void;
}

/** A SELECT whose rows are read some at a time. */
export interface Reading {
  readonly text: string;
  readonly parameters: ExecuteValues[];
  readonly give: Give<Result>;
}

/** What is told of a reading on its way. */
export interface Watch {
  readonly clock: Clock;
  /** Told once, how it has ended. */
  done(error: unknown): void;
}

/** Gives the rows of a statement: while nobody takes them the connection is not read, and so the server waits. */
export class RowReader {
  readonly #connection: Connection;
  readonly #reading: Reading;
  readonly #watch: Watch;
  readonly #portion = new Portion<readonly Cell[]>();
  #hasFailed = false;

  constructor(connection: Connection, reading: Reading, watch: Watch) {
    this.#connection = connection;
    this.#reading = reading;
    this.#watch = watch;
  }

  read(): void {
    const { text, parameters } = this.#reading;
    const command = this.#connection.execute(text, parameters);
    command.on("result", (row: unknown) => {
      if (this.#portion.add(row as Cell[])) this.#pause();
    });
    command.on("error", (error: unknown) => this.#fail(error));
    command.on("end", () => this.#end());
  }

  #pause(): void {
    const { clock, done } = this.#watch;
    this.#connection.pause();
    clock.stop();
    this.#handOver().then(() => {
      clock.start();
      this.#connection.resume();
    }, done);
  }

  #fail(error: unknown): void {
    this.#hasFailed = true;
    this.#watch.done(error);
  }

  #end(): void {
    const { clock, done } = this.#watch;
    clock.stop();
    if (!this.#hasFailed) this.#handOver().then(() => done(undefined), done);
  }

  async #handOver(): Promise<void> {
    try {
      await this.#reading.give(this.#portion.take());
    } catch (error) {
      throw new DatabaseError("timeout", { cause: error });
    }
  }
}
