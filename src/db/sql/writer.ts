import { Fault } from "../../contract/fault.ts";
import type { Column } from "../catalog.ts";
import type { Value } from "../values.ts";
import type { Dialect } from "./dialect.ts";
import type { Bound, Statement } from "./driver.ts";

/** Collects the values of one statement while its text is put together. */
export class Writer {
  readonly dialect: Dialect;
  readonly #values: Bound[] = [];
  #aliases = 0;

  constructor(dialect: Dialect) {
    this.dialect = dialect;
  }

  readonly bind = (value: Bound): string => this.dialect.placeholder(this.#values.push(value));

  /** Binds a checked value of a column. */
  value(column: Column, value: Value): string {
    return this.dialect.placeholder(this.add(column, value));
  }

  /** Binds a checked value of a column whose placeholder is written already. Gives its position. */
  add(column: Column, value: Value): number {
    return this.#values.push(value === null ? null : this.dialect.bind(column, value));
  }

  /** A new name for a table of a subquery. */
  alias(): string {
    this.#aliases++;
    return this.dialect.quote(`r${this.#aliases}`);
  }

  /** Raises `bad_request` for more values than the database can bind; a client library would break the connection. */
  statement(text: string): Statement {
    if (this.#values.length > this.dialect.maxValues)
      throw new Fault("bad_request", "The request holds more values than one statement can take.");
    return { text, values: this.#values };
  }
}

export function commaList(parts: readonly string[]): string {
  return parts.join(", ");
}
