import { Fault } from "../../contract/fault.ts";
import type { Seal } from "../../contract/service.ts";
import { planKey } from "../cache/key.ts";
import { type CursorRead, sortedCells } from "../plan/cursor.ts";
import type { Row } from "../plan/plan.ts";
import type { TableCall } from "./context.ts";

const PURPOSE = "cursor";
/** A cursor goes into an address, which is bounded. In characters of what it says. */
const LONGEST = 4_000;
const LONGEST_SEALED = 4 * LONGEST;

/** The cursor that leads behind a row of this read. Raises `bad_request` for values that are too long for one. */
export async function cursorBehind(on: TableCall, read: CursorRead, row: Row): Promise<string> {
  const text = JSON.stringify([await queryOf(on, read), ...sortedCells(read, row)]);
  if (text.length > LONGEST) {
    const names = read.sorted.map(({ name }) => `'${name}'`).join(", ");
    throw new Fault("bad_request", `The values of ${names} are too long for a cursor: order by other fields.`);
  }
  return demandSeal(on).seal(text, PURPOSE);
}

/** What the row behind which a cursor leads is sorted by. Raises `bad_request` unless it was given for this very query. */
export async function openCursor(on: TableCall, read: CursorRead, cursor: string): Promise<readonly string[]> {
  const text = cursor.length > LONGEST_SEALED ? undefined : await opened(demandSeal(on), cursor);
  if (text === undefined) throw new Fault("bad_request", "The cursor is not valid.");
  const [query, ...cells] = JSON.parse(text) as [string, ...string[]];
  if (query !== (await queryOf(on, read))) throw new Fault("bad_request", "The cursor belongs to another query.");
  return cells;
}

function opened(seal: Seal, cursor: string): Promise<string | undefined> {
  return seal.open(cursor, PURPOSE).catch(() => undefined);
}

/** Raises `not_implemented` where nothing can be sealed. */
export function demandSeal({ seal }: TableCall): Seal {
  if (seal === undefined)
    throw new Fault("not_implemented", "Paging by cursor is not served here: there is no key to seal a cursor with.");
  return seal;
}

/** What a query names, in which order, as a short text: another one never has the same. */
async function queryOf({ call }: TableCall, { plan }: CursorRead): Promise<string> {
  const { table, where, order } = plan;
  const said = planKey({ kind: "read", table, columns: [], where, order, limit: undefined, offset: 0 });
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${call.service} ${said}`));
  return btoa(String.fromCharCode(...new Uint8Array(digest, 0, 16)));
}
