import type { SchemaExtras } from "../../contract/extras.ts";
import type { Catalog } from "../catalog.ts";

/** The catalog of a database with what Millrace keeps of it besides. */
export function withExtras(catalog: Catalog, _extras: SchemaExtras): Catalog {
  return catalog;
}
