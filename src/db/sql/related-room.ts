import { Fault } from "../../contract/fault.ts";
import { MOST_RELATED_ROWS } from "../limits.ts";
import type { RelatedPlan } from "../plan/plan.ts";

/** How many related rows a request may still bring. */
export class RelatedRoom {
  #left = MOST_RELATED_ROWS;

  get left(): number {
    return this.#left;
  }

  /** Raises `bad_request` for more rows than there is room for. */
  take(rows: number): void {
    this.#left -= rows;
    demandFew(MOST_RELATED_ROWS - this.#left);
  }
}

/** Raises `bad_request` for more related rows than one request may bring. */
export function demandFew(rows: number): void {
  if (rows <= MOST_RELATED_ROWS) return;
  throw new Fault(
    "bad_request",
    `This request brings more than ${MOST_RELATED_ROWS} related rows: use a filter, or a limit of the relationship.`,
  );
}

/** Takes room for rows that came as texts. They are only looked into where they may be too many. */
export function demandRoom(texts: readonly string[], plan: RelatedPlan, room: RelatedRoom): void {
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  const most = Math.ceil(length / leastLength(plan));
  if (most <= room.left) room.take(most);
  else for (const text of texts) room.take(countRows(JSON.parse(text), plan));
}

/** How long one row is at least: its names, its punctuation, and a character for each value. */
function leastLength({ read: { columns, related = [] } }: RelatedPlan): number {
  const own = [...columns, ...related].reduce((sum, { name }) => sum + name.length + 5, 2);
  return Math.min(own, ...related.map(leastLength));
}

function countRows(value: unknown, plan: RelatedPlan): number {
  if (value === null) return 0;
  const rows = (plan.many ? value : [value]) as readonly Readonly<Record<string, unknown>>[];
  const { related = [] } = plan.read;
  return rows.reduce(
    (sum, row) => sum + 1 + related.reduce((inner, each) => inner + countRows(row[each.name], each), 0),
    0,
  );
}
