/** Schemas that many configs and records share. `type` in their metadata is what a form is told. */
import * as v from "valibot";

const TRUE: readonly unknown[] = [true, 1, "true", "1", "yes", "on"];

/** Whether a query parameter, or an option of a body, says yes: true, 1, yes or on. */
export function isTrue(said: unknown): boolean {
  return TRUE.includes(typeof said === "string" ? said.trim().toLowerCase() : said);
}

/** A boolean, also in the ways that forms and old clients write one. */
export const flag = v.pipe(
  v.union(
    [
      v.boolean(),
      v.pipe(
        v.picklist([1, 0, "1", "0", "true", "false"]),
        v.transform((value) => value === 1 || value === "1" || value === "true"),
      ),
    ],
    "must be true or false",
  ),
  v.metadata({ type: "boolean" }),
);

const NOT_WHOLE = "must be a whole number";

/** A whole number of at least `least`, also as text. */
export function wholeNumber(least = 0) {
  return v.pipe(
    v.union([v.number(), v.pipe(v.string(), v.digits(NOT_WHOLE), v.transform(Number))], NOT_WHOLE),
    v.safeInteger(NOT_WHOLE),
    v.minValue(least, `must be at least ${least}`),
    v.metadata({ type: "integer" }),
  );
}
