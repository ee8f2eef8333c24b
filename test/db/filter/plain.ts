import { Fault } from "../../../src/contract/fault.ts";
import type { Condition, Operand } from "../../../src/db/filter/condition.ts";
import { parseFilter } from "../../../src/db/filter/parser.ts";

type Plain = Omit<Operand, "at">;

/** An operand without its offset, for comparing. */
export function field(name: string, path: readonly (string | number)[] = [], ...relations: readonly string[]): Plain {
  return relations.length === 0 ? { field: name, path } : { relations, field: name, path };
}

/** The condition without its offsets. */
export function plain(condition: Condition | undefined): unknown {
  return condition && JSON.parse(JSON.stringify(condition, (key, value) => (key === "at" ? undefined : value)));
}

/** Parses a filter and leaves its offsets out. */
export function parsePlain(text: string): unknown {
  return plain(parseFilter(text));
}

/** The message with which a filter is refused, which must come as a 400. */
export function refusal(text: string): string | undefined {
  try {
    parseFilter(text);
    return undefined;
  } catch (error) {
    if (error instanceof Fault && error.status === 400) return error.message;
    throw error;
  }
}
