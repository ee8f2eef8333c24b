import { toBase64 } from "../../lib/base64.ts";
import type { Plan } from "../plan/plan.ts";

/**
 * A plan as a text that no other plan has. A plan holds whatever rules and lookup values of its caller have an effect on
 * the rows, as predicates and columns: who may see other rows has another plan.
 */
export function planKey(plan: Plan): string {
  return JSON.stringify(plan, replace);
}

function replace(_name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return { base64: toBase64(value) };
  if (typeof value === "bigint") return { digits: value.toString() };
  if (value instanceof Map || value instanceof Set) return undefined;
  if (typeof value !== "object" || value === null || !("nativeName" in value)) return value;
  // A table or a column: its relations lead round in circles, and what is read of it stands in the plan.
  const { schema, nativeName, name, dbType, expressions } = value as Record<string, unknown>;
  return [schema, nativeName, name, dbType, expressions];
}
