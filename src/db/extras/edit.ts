import type { SchemaExtras, TableExtras } from "../../contract/extras.ts";
import type { JsonObject } from "../../contract/json.ts";
import { ownOf } from "./names.ts";

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

/** Begins a change of the extras of a service. What is `held` of a field is forgotten only where `null` says so. */
export function editExtras(current: SchemaExtras, held: readonly string[] = []): ExtrasEdit {
  return new Edit(current, held);
}

type Part = "fields" | "relations";

class Edit implements ExtrasEdit {
  readonly before: SchemaExtras;
  readonly #held: readonly string[];
  readonly #changed = new Map<string, TableExtras>();

  constructor(current: SchemaExtras, held: readonly string[]) {
    this.before = current;
    this.#held = held;
  }

  putTable(table: string, extras: JsonObject, mode: EditMode): void {
    const known = this.#get(table);
    this.#changed.set(table, { ...known, table: laid(known.table, extras, mode) });
  }

  putField(table: string, field: string, extras: JsonObject, mode: EditMode): void {
    const known = ownOf(this.#get(table).fields ?? {}, field) ?? {};
    const held = Object.entries(known).filter(([name]) => this.#held.includes(name));
    this.#put(table, "fields", [field, { ...Object.fromEntries(held), ...extras }, mode]);
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
    return this.#changed.get(table) ?? ownOf(this.before.tables, table) ?? {};
  }

  #put(table: string, part: Part, [name, extras, mode]: readonly [string, JsonObject, EditMode]): void {
    const known = this.#get(table);
    const all = { ...known[part] };
    const value = laid(ownOf(all, name), extras, mode);
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
