/**
 * Where answers are kept for a while. Each entry belongs to tags; its key holds the versions that they had when the work
 * began that made it, so that an entry made from what was there before a change is never found after it.
 */
export interface DataCache {
  /** The present versions of the tags, in their order. */
  versions(tags: readonly string[]): Promise<readonly string[]>;
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, ttlSeconds: number): Promise<void>;
  /** Gives the tags new versions: what was kept under the old ones is lost. */
  invalidate(tags: readonly string[]): Promise<void>;
}
