import { addressOf, isHyperdrive } from "../../db/hyperdrive.ts";
import type { Env } from "../variables.ts";

/** What a Worker is bound to: texts (variables and secrets), and objects such as D1 databases. */
export type Bindings = Readonly<Record<string, unknown>>;

/** Where the settings of a Worker are kept. */
export interface StoreBinding {
  /** The URL that finds the kind of database, such as `d1:DB` or `postgres://…`. */
  readonly url: string;
  /** The name of the binding that leads there, if one does. */
  readonly name?: string;
}

/** The texts among the bindings; one that is blank counts as not given. */
export function textsOf(bindings: Bindings): Env {
  const entries = Object.entries(bindings).filter(([, value]) => typeof value === "string" && value !== "");
  return Object.fromEntries(entries) as Env;
}

/** The object that is bound to a name. Texts are none: they may be secrets. */
export function boundObject(bindings: Bindings, name: string): object | undefined {
  const value = Object.hasOwn(bindings, name) ? bindings[name] : undefined;
  return typeof value === "object" && value !== null ? value : undefined;
}

/** What DATABASE_URL names: `d1:NAME`, `hyperdrive:NAME`, or a URL. Raises an Error of one sentence when there is no such binding. */
export function findStoreBinding(databaseUrl: string, bindings: Bindings): StoreBinding {
  const [, kind, name = ""] = /^(d1|hyperdrive):(.*)$/.exec(databaseUrl) ?? [];
  if (kind === undefined) return { url: databaseUrl };
  const value = boundObject(bindings, name);
  if (value === undefined) throw missing(name);
  if (kind === "d1") return { url: databaseUrl, name };
  if (!isHyperdrive(value)) throw missing(name);
  return { url: addressOf(value), name };
}

function missing(name: string): Error {
  return new Error(
    `The environment variable DATABASE_URL names the binding '${name}', which this Worker does not have as such.`,
  );
}

/** The bindings that services may open: all but the one that leads to Millrace's own settings. */
export function withoutStore(bindings: Bindings, store: StoreBinding): (name: string) => object | undefined {
  return (name) => (name === store.name ? undefined : boundObject(bindings, name));
}
