import type { Json, JsonObject } from "../contract/json.ts";
import { isJsonObject } from "../lib/json.ts";
import type { Vault } from "./secrets.ts";

/** How an encrypted text stands inside a stored config. */
const SEALED = "$sealed";

/** Where a secret stands: the keys from the config down to it. */
export type SecretPath = readonly string[];

/** The config with the texts at these paths encrypted. */
export function sealConfig(
  config: JsonObject,
  secrets: readonly SecretPath[],
  vault: Vault,
  purpose: string,
): Promise<JsonObject> {
  const isSecret = (path: SecretPath) => secrets.some((secret) => secret.join("\n") === path.join("\n"));
  const seal = async (value: Json, path: SecretPath): Promise<Json> =>
    typeof value === "string" && isSecret(path) ? { [SEALED]: await vault.encrypt(value, purpose) } : value;
  return mapLeaves(config, seal);
}

/** The config with its encrypted texts in plain. */
export function openConfig(config: JsonObject, vault: Vault, purpose: string): Promise<JsonObject> {
  return mapLeaves(config, async (value) => {
    const sealed = sealedText(value);
    return sealed === undefined ? value : vault.decrypt(sealed, purpose);
  });
}

/** The config with its encrypted texts in plain, and null for those that cannot be opened: they are as good as lost. */
export function readableConfig(config: JsonObject, vault: Vault, purpose: string): Promise<JsonObject> {
  return mapLeaves(config, async (value) => {
    const sealed = sealedText(value);
    return sealed === undefined ? value : vault.decrypt(sealed, purpose).catch(() => null);
  });
}

/** The config with `mask` in place of each encrypted text. */
export function maskConfig(config: JsonObject, mask: string): Promise<JsonObject> {
  return mapLeaves(config, async (value) => (sealedText(value) === undefined ? value : mask));
}

async function mapLeaves(
  object: JsonObject,
  map: (value: Json, path: SecretPath) => Promise<Json>,
  path: SecretPath = [],
): Promise<JsonObject> {
  const entries = Object.entries(object).map(async ([name, value]): Promise<[string, Json]> => {
    const here = [...path, name];
    const isLeaf = !isJsonObject(value) || sealedText(value) !== undefined;
    return [name, isLeaf ? await map(value, here) : await mapLeaves(value, map, here)];
  });
  return Object.fromEntries(await Promise.all(entries));
}

function sealedText(value: Json): string | undefined {
  if (!isJsonObject(value)) return undefined;
  const sealed = value[SEALED];
  return typeof sealed === "string" ? sealed : undefined;
}
