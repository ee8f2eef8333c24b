import { Fault } from "../../src/contract/fault.ts";
import type { ServiceHost } from "../../src/contract/service.ts";

/** What D1 takes for a placeholder. A number is bound as REAL, whatever it is. */
export type D1Value = null | number | string | Uint8Array;

/** What D1 sends back, as JSON: bytes as a list of numbers, and numbers as doubles. */
export type D1Cell = null | number | string | readonly number[] | ArrayBuffer;

export interface D1Statement {
  bind(...values: readonly D1Value[]): D1Statement;
  raw(): Promise<readonly (readonly D1Cell[])[]>;
  run(): Promise<D1Result>;
}

export interface D1Result {
  readonly results: readonly Readonly<Record<string, D1Cell>>[];
  readonly meta: { readonly changes: number };
}

/** A D1 database as the platform binds it to a name. */
export interface D1Binding {
  prepare(text: string): D1Statement;
  /** Runs the statements in one transaction. */
  batch(statements: readonly D1Statement[]): Promise<readonly D1Result[]>;
}

/** The D1 database that is bound to the name. Raises `bad_request` when there is none. */
export function d1Binding(name: string, host: Pick<ServiceHost, "binding">): D1Binding {
  const binding = host.binding?.(name);
  if (!isD1(binding)) throw new Fault("bad_request", `There is no D1 binding '${name.slice(0, 64)}' here.`);
  return binding;
}

function isD1(binding: unknown): binding is D1Binding {
  const { prepare, batch } = (binding ?? {}) as Partial<Record<"prepare" | "batch", unknown>>;
  return typeof prepare === "function" && typeof batch === "function";
}
