import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import type { Principal } from "../../contract/principal.ts";
import { isJsonObject } from "../../lib/json.ts";
import type { SecretPath } from "../../store/seal.ts";

/** What stands in place of a secret in an answer, and leaves it as it is in a request. */
export const MASK = "**********";

/** Where a config says to whom the secrets are sent, and how safely. */
const ADDRESS: readonly SecretPath[] = [
  ["host"],
  ["port"],
  ["dsn"],
  ["proxy"],
  ["unix_socket"],
  ["database"],
  ["sslmode"],
  ["ssl", "mode"],
  ["ssl", "ca"],
];

/** A config as a request changes it. */
export interface ConfigChange {
  readonly said: JsonObject;
  /** The config until now, with its secrets in plain. */
  readonly current: JsonObject;
  readonly secrets: readonly SecretPath[];
  readonly isOtherType: boolean;
  readonly principal: Principal;
}

/**
 * The config after the change: keys that are not sent stay, and a mask that comes back means the secret that it stands
 * for. Raises `bad_request` for a mask that stands for nothing, and for a secret that would be sent to another place
 * by somebody who may not know it.
 */
export function changeConfig(change: ConfigChange): JsonObject {
  const config = merge(change.said, change.current, change.secrets);
  demandSecrets(change, config);
  return config;
}

function merge(
  said: JsonObject,
  current: JsonObject,
  secrets: readonly SecretPath[],
  path: SecretPath = [],
): JsonObject {
  const merged = Object.entries(said).map(([name, value]): [string, Json] => {
    const here = [...path, name];
    const before = Object.hasOwn(current, name) ? (current[name] ?? null) : null;
    if (value === MASK && secrets.some((secret) => secret.join("\n") === here.join("\n"))) {
      return [name, before ?? refuseMask(here)];
    }
    return [name, isJsonObject(value) && isJsonObject(before) ? merge(value, before, secrets, here) : value];
  });
  return { ...current, ...Object.fromEntries(merged) };
}

function refuseMask(path: SecretPath): never {
  throw new Fault("bad_request", `Field '${nameOf(path)}' holds a mask, and there is no secret that it stands for.`);
}

/** Administrators may keep secrets by their mask whatever else changes; others could have them sent to a host of their own. */
function demandSecrets({ said, current, secrets, isOtherType, principal }: ConfigChange, config: JsonObject): void {
  if (principal.kind === "admin") return;
  const moved = ADDRESS.find((path) => textAt(config, path) !== textAt(current, path));
  if (moved === undefined && !isOtherType) return;
  const isSent = (value: Json) => value !== null && value !== MASK;
  const kept = secrets.find((path) => textAt(config, path) !== "null" && !isSent(valueAt(said, path)));
  if (kept === undefined) return;
  const cause = moved === undefined ? "type" : nameOf(moved);
  throw new Fault("bad_request", `Field '${nameOf(kept)}' must be sent again when '${cause}' changes.`);
}

function valueAt(config: JsonObject, path: SecretPath): Json {
  return path.reduce<Json>(
    (value, name) => (isJsonObject(value) && Object.hasOwn(value, name) ? (value[name] ?? null) : null),
    config,
  );
}

/** `3306` and `"3306"` are the same address. */
function textAt(config: JsonObject, path: SecretPath): string {
  const value = valueAt(config, path);
  return typeof value === "string" ? value : JSON.stringify(value);
}

function nameOf(path: SecretPath): string {
  return ["config", ...path].join(".");
}
