/** Schemas that many configs and records share. `type` in their metadata is what a form is told. */
import * as v from "valibot";

/** A boolean, also in the ways that forms and old clients write one. */
export const flag = v.pipe(
  v.union([
    v.boolean(),
    v.pipe(
      v.picklist([1, 0, "1", "0", "true", "false"]),
      v.transform((value) => value === 1 || value === "1" || value === "true"),
    ),
  ]),
  v.metadata({ type: "boolean" }),
);

/** A whole number of at least `least`, also as text. */
export function wholeNumber(least = 0) {
  return v.pipe(
    v.union([v.number(), v.pipe(v.string(), v.digits(), v.transform(Number))]),
    v.safeInteger(),
    v.minValue(least),
    v.metadata({ type: "integer" }),
  );
}
