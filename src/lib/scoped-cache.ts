import type { DataCache } from "../contract/data-cache.ts";

/** A part of a cache, whose tags and keys nobody else's meet. */
export function scopedCache(cache: DataCache, scope: string): DataCache {
  const scoped = (text: string) => `${scope} ${text}`;
  return {
    versions: (tags) => cache.versions(tags.map(scoped)),
    get: (key) => cache.get(scoped(key)),
    set: (key, value, ttlSeconds) => cache.set(scoped(key), value, ttlSeconds),
    invalidate: (tags) => cache.invalidate(tags.map(scoped)),
  };
}
