import { DatabaseError } from "../../src/db/errors.ts";
import type { Cell, Result } from "../../src/db/sql/driver.ts";
import { Portion } from "../../src/db/sql/portion.ts";
import type { Give } from "../../src/lib/relay.ts";

type Row = readonly Cell[];

/** Gives rows some at a time; SQLite reads them on this thread, so others have their turn between. Raises when `isOver`. */
export async function giveRows(rows: Iterable<Row>, give: Give<Result>, isOver: () => boolean): Promise<void> {
  const portion = new Portion();
  for (const row of rows) {
    if (!portion.add(row)) continue;
    await give(portion.take());
    await new Promise((resolve) => setImmediate(resolve));
    if (isOver()) throw new DatabaseError("unavailable", { connect: "lost" });
  }
  await give(portion.take());
}
