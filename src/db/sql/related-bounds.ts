import { MOST_RELATED_ROWS } from "../limits.ts";
import type { ReadPlan, RelatedPlan } from "../plan/plan.ts";

/** Related rows a list of which comes as NULL where it holds more than `most`. */
export interface CutPlan extends RelatedPlan {
  readonly most?: number;
}

/** Related rows that come in the statement of the rows themselves. */
export interface EmbeddedPlan extends CutPlan {
  /** The plan as it was. */
  readonly of: RelatedPlan;
  readonly read: Omit<ReadPlan, "related"> & { readonly related?: readonly EmbeddedPlan[] };
}

/** About how many related rows one statement may bring: they arrive before anybody counts them. */
const MOST_EMBEDDED = 2 * MOST_RELATED_ROWS;

/** The plans with lists so short that those of so many rows hold few enough rows in all. */
export function bounded(related: readonly RelatedPlan[], parents: number): readonly EmbeddedPlan[] {
  const ways = related.reduce((sum, plan) => sum + waysOf(plan), 0);
  return related.map((plan) => boundedPlan(plan, MOST_EMBEDDED / ways / parents));
}

/** `share`: how many rows there may be at the end of each way, for one row at its beginning. */
function boundedPlan(plan: RelatedPlan, share: number): EmbeddedPlan {
  const { read, many } = plan;
  const related = (rows: number) => (read.related ?? []).map((each) => boundedPlan(each, share / rows));
  if (!many) return { ...plan, of: plan, read: { ...read, related: related(1) } };
  const most = Math.min(MOST_RELATED_ROWS, Math.max(1, Math.floor(share ** (1 / listsOf(plan)))));
  const { limit = Number.POSITIVE_INFINITY } = read;
  if (limit <= most) return { ...plan, of: plan, read: { ...read, related: related(limit) } };
  return { ...plan, of: plan, read: { ...read, limit: most + 1, related: related(most) }, most };
}

/** How many ways there are to the ends of a plan. */
function waysOf({ read: { related = [] } }: RelatedPlan): number {
  return Math.max(
    1,
    related.reduce((sum, each) => sum + waysOf(each), 0),
  );
}

/** How many lists may stand inside of each other. */
function listsOf({ many, read: { related = [] } }: RelatedPlan): number {
  return (many ? 1 : 0) + Math.max(0, ...related.map(listsOf));
}

/** Whether a list of the plan may come as NULL. */
export function mayBeCut({ most, read: { related = [] } }: EmbeddedPlan): boolean {
  return most !== undefined || related.some(mayBeCut);
}

/** Whether a list in one of these texts may be NULL: then the rows have to be read apart. */
export function isCut(plan: EmbeddedPlan, texts: readonly string[]): boolean {
  if (plan.most !== undefined && texts.includes("null")) return true;
  const marks = cutNames(plan).map((name) => `${JSON.stringify(name)}:null`);
  return marks.length > 0 && texts.some((text) => marks.some((mark) => text.includes(mark)));
}

/** The names of lists inside of the rows. */
function cutNames({ read: { related = [] } }: EmbeddedPlan): readonly string[] {
  return related.flatMap((each) => [...(each.most === undefined ? [] : [each.name]), ...cutNames(each)]);
}
