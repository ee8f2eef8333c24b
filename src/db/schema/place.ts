import { Fault } from "../../contract/fault.ts";
import type { Catalog, Table } from "../catalog.ts";
import { shown } from "../plan/names.ts";
import type { TableName } from "./change.ts";

/** Where a table of this name in the API is made. Raises `bad_request` for a schema that is not served. */
export function placeOf(catalog: Catalog, name: string): TableName {
  const { defaultSchema, schemas } = catalog.places ?? { defaultSchema: "" };
  const known = new Set([...catalog.tables.map((table) => table.schema), ...(schemas ?? [])]);
  const schema = [...known].find((each) => each !== "*" && each !== defaultSchema && name.startsWith(`${each}.`));
  if (schema !== undefined) return { schema, nativeName: name.slice(schema.length + 1) };
  const isServed =
    schemas === undefined || schemas.length === 0 || schemas.includes("*") || schemas.includes(defaultSchema);
  if (isServed) return { schema: defaultSchema, nativeName: name };
  throw new Fault(
    "bad_request",
    `Table '${shown(name)}' must be named with one of the schemas that this service serves.`,
  );
}

/** The name by which Millrace keeps what it knows of a table: as the API has it, without an alias. */
export function keptName(catalog: Catalog, { schema, nativeName }: TableName | Table): string {
  return schema === (catalog.places?.defaultSchema ?? schema) ? nativeName : `${schema}.${nativeName}`;
}
