import type { JsonObject } from "./json.ts";

/**
 * What Millrace keeps of a table besides what its database knows: labels, aliases, validation, virtual fields and
 * relationships. The shapes are those of `_schema`; {@link ../db/extras} reads them.
 */
export interface TableExtras {
  readonly table?: JsonObject;
  /** By the name of the field in the database, or of the virtual field. */
  readonly fields?: Readonly<Record<string, JsonObject>>;
  /** By the name of the relationship. */
  readonly relations?: Readonly<Record<string, JsonObject>>;
}

/** The extras of one service. */
export interface SchemaExtras {
  /** Differs whenever the extras do, or the schema was changed through Millrace on any node. */
  readonly stamp: string;
  /** By the name of the table in the API without its alias: bare, or `schema.table`. */
  readonly tables: Readonly<Record<string, TableExtras>>;
}

/** The way of an open service to its extras. */
export interface ExtrasDoor {
  /** The id of the service itself. */
  readonly serviceId: number;
  /** The name that the service with this id has now. */
  serviceName(id: number): string | undefined;
  /** As the settings know them now. */
  current(): SchemaExtras;
  /**
   * Puts the extras of these tables in place of what there was, or removes them (`null`), and changes the stamp. They are
   * made of what is kept at that very moment, when nobody else can change it.
   */
  save(change: (current: SchemaExtras) => Readonly<Record<string, TableExtras | null>>): Promise<void>;
}
