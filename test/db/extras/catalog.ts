import type { SchemaExtras, TableExtras } from "../../../src/contract/extras.ts";
import type { Catalog, ColumnFacts, ForeignKeyFacts, TableFacts } from "../../../src/db/catalog.ts";
import { makeCatalog } from "../../../src/db/introspect.ts";

/** A column of text, or what `more` says. */
export function column(name: string, more: Partial<ColumnFacts> = {}): ColumnFacts {
  return {
    name,
    type: "string",
    family: "string",
    dbType: "text",
    length: null,
    precision: null,
    scale: null,
    default: null,
    hasDefault: false,
    allowNull: true,
    ...more,
  };
}

export const integer = { type: "integer", family: "integer", dbType: "integer" } as const;

function table(
  name: string,
  columns: readonly ColumnFacts[],
  foreignKeys: readonly ForeignKeyFacts[] = [],
): TableFacts {
  const key = columns.some((each) => each.name === "id") ? ["id"] : [];
  return { schema: "main", name, kind: "table", comment: null, columns, key, indexes: [], foreignKeys };
}

/** Customers, their orders by a foreign key, and notes that only a virtual relationship can lead to. */
export function sampleCatalog(): Catalog {
  const toCustomers: ForeignKeyFacts = {
    columns: ["customer_id"],
    refSchema: "main",
    refTable: "customers",
    refColumns: ["id"],
    onUpdate: null,
    onDelete: null,
  };
  const id = column("id", { ...integer, allowNull: false, autoIncrement: true });
  const tables = [
    table("customers", [id, column("name"), column("email"), column("balance", { ...integer })]),
    table("orders", [id, column("customer_id", integer), column("total", integer)], [toCustomers]),
    table("notes", [id, column("about", integer), column("text"), column("tag")]),
    table("tagged", [column("note", integer), column("customer", integer)]),
  ];
  const fold = (name: string) => name.toLowerCase();
  return makeCatalog({ defaultSchema: "main", tables }, { foldTable: fold, foldColumn: fold });
}

export function extras(tables: Readonly<Record<string, TableExtras>>): SchemaExtras {
  return { stamp: "1", tables };
}
