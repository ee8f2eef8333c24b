import type { SchemaExtras, TableExtras } from "../../contract/extras.ts";
import type { JsonObject } from "../../contract/json.ts";

/** `replace` forgets what was kept and is not said again (PUT); `merge` keeps it (PATCH). `null` forgets a property. */
export type EditMode = "replace" | "merge";

/** Collects changes of extras, by the names of tables and fields in the database; {@link changes} is for `save`. */
export interface ExtrasEdit {
  putTable(table: string, extras: JsonObject, mode: EditMode): void;
  putField(table: string, field: string, extras: JsonObject, mode: EditMode): void;
  dropField(table: string, field: string): void;
  putRelation(table: string, relation: string, extras: JsonObject, mode: EditMode): void;
  dropRelation(table: string, relation: string): void;
  dropTable(table: string): void;
  /** All extras as they were. */
  readonly before: SchemaExtras;
  /** The tables that are changed so far, as they are to be saved. */
  changes(): Readonly<Record<string, TableExtras | null>>;
  /** All extras as they would be with the changes. */
  after(): SchemaExtras;
}

/** Begins a change of the extras of a service. */
export function editExtras(current: SchemaExtras): ExtrasEdit {
  return new Edit(current);
}

type Part = "fields" | "relations";

class Edit implements ExtrasEdit {
  readonly before: SchemaExtras;
  readonly #changed = new Map<string, TableExtras>();

  constructor(current: SchemaExtras) {
    this.before = current;
  }

  putTable(table: string, extras: JsonObject, mode: EditMode): void {
    const known = this.#get(table);
    this.#changed.set(table, { ...known, table: laid(known.table, extras, mode) });
  }

  putField(table: string, field: string, extras: JsonObject, mode: EditMode): void {
    this.#put(table, "fields", [field, extras, mode]);
  }

  dropField(table: string, field: string): void {
    this.#drop(table, "fields", field);
  }

  putRelation(table: string, relation: string, extras: JsonObject, mode: EditMode): void {
    this.#put(table, "relations", [relation, extras, mode]);
  }

  dropRelation(table: string, relation: string): void {
    this.#drop(table, "relations", relation);
  }

  dropTable(table: string): void {
    this.#changed.set(table, {});
  }

  changes(): Readonly<Record<string, TableExtras | null>> {
    return Object.fromEntries([...this.#changed].map(([name, extras]) => [name, isEmpty(extras) ? null : extras]));
  }

  after(): SchemaExtras {
    const kept = Object.entries({ ...this.before.tables, ...this.changes() });
    const tables = Object.fromEntries(kept.filter((each): each is [string, TableExtras] => each[1] !== null));
    return { stamp: this.before.stamp, tables };
  }

  #get(table: string): TableExtras {
    const known = Object.hasOwn(this.before.tables, table) ? this.before.tables[table] : undefined;
    return this.#changed.get(table) ?? known ?? {};
  }

  #put(table: string, part: Part, [name, extras, mode]: readonly [string, JsonObject, EditMode]): void {
    const known = this.#get(table);
    const all = { ...known[part] };
    const value = laid(Object.hasOwn(all, name) ? all[name] : undefined, extras, mode);
    delete all[name];
    const entries = Object.keys(value).length === 0 ? all : { ...all, [name]: value };
    this.#changed.set(table, { ...known, [part]: entries });
  }

  #drop(table: string, part: Part, name: string): void {
    this.#put(table, part, [name, {}, "replace"]);
  }
}

function laid(known: JsonObject | undefined, said: JsonObject, mode: EditMode): JsonObject {
  const all = Object.entries(mode === "merge" ? { ...known, ...said } : said);
  return Object.fromEntries(all.filter(([, value]) => value !== null));
}

function isEmpty(extras: TableExtras): boolean {
  return Object.values(extras).every((part) => Object.keys(part ?? {}).length === 0);
}
