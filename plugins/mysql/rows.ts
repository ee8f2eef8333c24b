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
  readonly clock: Clock;
}

type Done = (error: unknown) => void;

/** Gives the rows of a statement: while nobody takes them the connection is not read, and so the server waits. */
export function readRows(connection: Connection, reading: Reading, done: Done): void {
  const { text, parameters, give, clock } = reading;
  const portion = new Portion();
  let rows: Cell[][] = [];
  const handOver = (): Promise<void> => {
    const result = { rows, affected: rows.length };
    portion.note(rows);
    rows = [];
    return give(result).catch((error: unknown) => {
      throw new DatabaseError("timeout", { cause: error });
    });
  };
  const pause = () => {
    connection.pause();
    clock.stop();
    handOver().then(() => {
      clock.start();
      connection.resume();
    }, done);
  };
  let hasFailed = false;
  const command = connection.execute(text, parameters);
  command.on("result", (row: unknown) => {
    rows.push(row as Cell[]);
    if (rows.length >= portion.rows) pause();
  });
  command.on("error", (error: unknown) => {
    hasFailed = true;
    done(error);
  });
  command.on("end", () => {
    clock.stop();
    if (!hasFailed) handOver().then(() => done(undefined), done);
  });
}
