import type { OldCell } from "../../src/db/sql/ddl/ddl.ts";
import { affinityOf, type TypeFacts, typeFacts } from "./columns.ts";

/** SQLite keeps whatever it is given: values that the new type does not have, and those that it would make others. */
export function sqliteLoss({ reference, to }: Pick<OldCell, "reference" | "to">): string | undefined {
  const facts = typeFacts(to);
  const lost = [misfit(reference, facts), changed(reference, facts)].filter((each) => each !== undefined);
  return lost.length === 0 ? undefined : `${reference} IS NOT NULL AND (${lost.join(" OR ")})`;
}

function misfit(name: string, { family, length, precision, scale }: TypeFacts): string | undefined {
  switch (family) {
    case "decimal":
      return precision === null ? undefined : `CAST(${name} AS NUMERIC) <> round(${name}, ${scale ?? 0})`;
    case "boolean":
      return `CAST(${name} AS NUMERIC) NOT IN (0, 1)`;
    case "string":
      return length === null ? undefined : `length(${name}) > ${length}`;
    case "json":
      return `NOT json_valid(${name})`;
    case "date":
      return `date(${name}) IS NOT ${name}`;
    case "time":
      return `typeof(${name}) <> 'text' OR ${name} NOT GLOB '[0-2][0-9]:[0-5][0-9]*'`;
    case "datetime":
    case "datetimetz":
      return `typeof(${name}) <> 'text' OR datetime(${name}) IS NULL`;
    default:
      return undefined;
  }
}

const CAST_TO = { integer: "INTEGER", real: "REAL", numeric: "NUMERIC", text: "TEXT" } as const;
const CONVERTED: readonly unknown[] = ["integer", "float", "decimal", "boolean", "string"];

/** Whether a value is another one when it comes back from the affinity of the new type. */
function changed(name: string, { family, dbType }: TypeFacts): string | undefined {
  const affinity = affinityOf(dbType);
  if (affinity === "blob" || !CONVERTED.includes(family)) return undefined;
  const to = CAST_TO[affinity];
  const back = (from: string, by: string) =>
    `WHEN '${from.toLowerCase()}' THEN CAST(CAST(${name} AS ${by}) AS ${from})`;
  // The text of a whole number in a column of REAL would get a fraction.
  const cases = [back("TEXT", to === "REAL" ? "NUMERIC" : to), back("INTEGER", to), back("REAL", to)];
  const isBytes = family === "string" ? "" : ` OR typeof(${name}) = 'blob'`;
  return `CASE typeof(${name}) ${cases.join(" ")} ELSE ${name} END IS NOT ${name}${isBytes}`;
}
