import * as v from "valibot";
import type { JsonObject } from "../../contract/json.ts";
import { digestOfKey, newApiKey } from "../../identity/digest.ts";
import { flag, wholeNumber } from "../../lib/schema.ts";
import { validate } from "../../lib/validate.ts";
import type { Rows, SystemRow } from "../../store/rows.ts";
import { now } from "./clock.ts";
import { optionalText, type Prepared, type SystemResource, shortText } from "./resource.ts";

const entries = {
  name: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(64)),
  description: optionalText,
  is_active: v.optional(flag),
  type: v.optional(wholeNumber()),
  url: shortText,
  path: shortText,
  launch_url: shortText,
  role_id: v.optional(v.nullable(wholeNumber())),
};

/** A key that is brought along, as an exported app does, must be as hard to guess as one that is made here. */
const ownKey = v.pipe(
  v.string(),
  v.minLength(32, "must be at least 32 characters long"),
  v.maxLength(128),
  v.regex(/^[!-~]+$/, "may hold only printable ASCII characters, and no spaces"),
  v.check((key) => new Set(key).size >= 10, "must hold at least 10 different characters"),
);
const ownKeyEntry = v.object({ api_key: v.optional(ownKey) });
const SHOWN = 8;

/** Apps: the owners of API keys. A key is stored as its digest and shown in full only where it is made. */
export const appResource: SystemResource = {
  name: "app",
  table: "app",
  hidden: [],
  nested: {},
  flags: ["regenerate"],
  show: async (row) => row,
  async create(said) {
    const row = validate(v.object(entries), said) as JsonObject;
    const { api_key = newApiKey() } = validate(ownKeyEntry, said);
    return withKey({ is_active: false, type: 0, ...row }, api_key);
  },
  async update(said, stored, write) {
    const row = validate(v.partial(v.object(entries)), said) as JsonObject;
    if (!write.flag("regenerate")) return { row };
    return withKey(row, newApiKey(), (rows) => rows.delete("api_key", { app_id: stored.id ?? null }));
  },
};

function withKey(row: SystemRow, apiKey: string, before?: (rows: Rows) => Promise<unknown>): Prepared {
  const prefix = apiKey.slice(0, SHOWN);
  return {
    row: { ...row, api_key: `${prefix}…` },
    shown: { api_key: apiKey },
    follow: async (id, rows) => {
      await before?.(rows);
      const digest = await digestOfKey(apiKey);
      await rows.insert("api_key", { app_id: id, prefix, digest, is_active: true, created_date: now() });
    },
  };
}
