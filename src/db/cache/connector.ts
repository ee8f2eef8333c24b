import type { DataCache } from "../../contract/data-cache.ts";
import type { Catalog, Table } from "../catalog.ts";
import type { Connector, Runner } from "../connector.ts";
import type { CountPlan, Outcome, Plan, ReadPlan } from "../plan/plan.ts";
import { planKey } from "./key.ts";
import { ALL, tagsOfRead, tagsOfWrite } from "./tags.ts";

/** How the answers of one service are kept. */
export interface Keeping {
  readonly cache: DataCache;
  readonly ttlSeconds: number;
}

/** What one call does with the cache. */
export interface CacheUse extends Keeping {
  readonly catalog: Catalog;
  /** Looks for no kept answer; the one that it makes is kept all the same. */
  readonly isFresh: boolean;
}

/**
 * A connector whose reads are answered from the cache where they can be, and whose writes take from it what they may have
 * changed. Inside of a transaction nothing is taken from the cache: it may see what nobody else sees yet.
 */
export function cachedConnector(connector: Connector, use: CacheUse): Connector {
  const { batch } = connector;
  return {
    ...connector,
    forget: (table) => use.cache.invalidate(tagsOfWrite([table], use.catalog)),
    run: (plan, signal) =>
      isKept(plan)
        ? readKept(connector, plan, signal, use)
        : forgetting(use, [plan], () => connector.run(plan, signal)),
    transaction: async (work, signal) => {
      const written: Plan[] = [];
      const noted = (inside: Runner): Runner => noting(inside, written);
      return forgetting(use, written, () => connector.transaction((inside) => work(noted(inside)), signal));
    },
    ...(batch && { batch: (plans, signal) => forgetting(use, plans, () => batch(plans, signal)) }),
  };
}

/** Forgets all that is kept of the service. */
export function forgetAll({ cache }: Keeping): Promise<void> {
  return cache.invalidate([ALL]);
}

function isKept(plan: Plan): plan is ReadPlan | CountPlan {
  return plan.kind === "count" || (plan.kind === "read" && plan.lock !== true);
}

/** The versions are asked for before the database is: what changes meanwhile makes the entry one that nobody finds. */
async function readKept(
  connector: Connector,
  plan: ReadPlan | CountPlan,
  signal: AbortSignal,
  { cache, ttlSeconds, isFresh }: CacheUse,
): Promise<Outcome> {
  const versions = await cache.versions(tagsOfRead(plan));
  const key = `${versions.join(",")} ${planKey(plan)}`;
  const kept = isFresh ? undefined : await cache.get(key);
  if (kept !== undefined) return JSON.parse(kept) as Outcome;
  const outcome = await connector.run(plan, signal);
  await cache.set(key, JSON.stringify(outcome), ttlSeconds);
  return outcome;
}

/** Does the work of a write, and takes from the cache what it may have changed. A write that fails may hold in part. */
async function forgetting<T>(use: CacheUse, plans: readonly Plan[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    const tables = new Set(plans.flatMap((plan): readonly Table[] => (isWrite(plan) ? [plan.table] : [])));
    if (tables.size > 0) await use.cache.invalidate(tagsOfWrite(tables, use.catalog));
  }
}

function isWrite({ kind }: Plan): boolean {
  return kind !== "read" && kind !== "count";
}

function noting(inside: Runner, written: Plan[]): Runner {
  const { transaction } = inside;
  return {
    ...inside,
    run: (plan, signal) => {
      if (isWrite(plan)) written.push(plan);
      return inside.run(plan, signal);
    },
    ...(transaction && { transaction: (work, signal) => transaction((each) => work(noting(each, written)), signal) }),
  };
}
