import type { SchemaExtras, TableExtras } from "../../contract/extras.ts";
import type { JsonObject } from "../../contract/json.ts";
import { ownOf } from "./names.ts";

/** `replace` forgets what was kept and is not said again (PUT); `merge` keeps it (PATCH). `null` forgets a property. */
export type EditMode = "replace" | "merge";

/** Tables with what is to be kept of each, or nothing any more. */
export type TableChanges = Readonly<Record<string, TableExtras | null>>;

/** Collects changes of extras, by the names of tables and fields in the database; {@link onto} is for `save`. */
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
  changes(): TableChanges;
  /** All extras as they would be with the changes. */
  after(): SchemaExtras;
  /** How many changes there are so far. */
  readonly size: number;
  /** What {@link changes} gives when they are made of these extras, all of them or the first so many. */
  onto(current: SchemaExtras, most?: number): TableChanges;
}

/** Begins a change of the extras of a service. What is `held` of a field is forgotten only where `null` says so. */
export function editExtras(current: SchemaExtras, held: readonly string[] = []): ExtrasEdit {
  return new Edit(current, held);
}

type Part = "fields" | "relations";

/** One change of the extras of a table. */
interface Step {
  readonly table: string;
  made(known: TableExtras): TableExtras;
}

/** Keeps what is to be done rather than what comes of it: others may change the same extras meanwhile. */
class Edit implements ExtrasEdit {
  readonly before: SchemaExtras;
  readonly #held: readonly string[];
  readonly #steps: Step[] = [];

  constructor(current: SchemaExtras, held: readonly string[]) {
    this.before = current;
    this.#held = held;
  }

  get size(): number {
    return this.#steps.length;
  }

  putTable(table: string, extras: JsonObject, mode: EditMode): void {
    this.#add(table, (known) => ({ ...known, table: laid(known.table, extras, mode) }));
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
    this.#add(table, () => ({}));
  }

  changes(): TableChanges {
    return this.onto(this.before);
  }

  onto({ tables }: SchemaExtras, most = this.size): TableChanges {
    const changed = new Map<string, TableExtras>();
    for (const { table, made } of this.#steps.slice(0, most))
      changed.set(table, made(changed.get(table) ?? ownOf(tables, table) ?? {}));
    return Object.fromEntries([...changed].map(([name, extras]) => [name, isEmpty(extras) ? null : extras]));
  }

  after(): SchemaExtras {
    const kept = Object.entries({ ...this.before.tables, ...this.changes() });
    const tables = Object.fromEntries(kept.filter((each): each is [string, TableExtras] => each[1] !== null));
    return { stamp: this.before.stamp, tables };
  }

  #add(table: string, made: Step["made"]): void {
    this.#steps.push({ table, made });
  }

  #put(table: string, part: Part, [name, extras, mode]: readonly [string, JsonObject, EditMode]): void {
    this.#add(table, (known) => {
      const stands = ownOf(known[part] ?? {}, name);
      const value = laid(stands, part === "fields" ? { ...this.#heldOf(stands), ...extras } : extras, mode);
      return withPart(known, part, [name, value]);
    });
  }

  #heldOf(known: JsonObject = {}): JsonObject {
    return Object.fromEntries(Object.entries(known).filter(([name]) => this.#held.includes(name)));
  }

  #drop(table: string, part: Part, name: string): void {
    this.#add(table, (known) => withPart(known, part, [name, {}]));
  }
}

/** The extras with this one thing as it is now; nothing is kept of what has none. */
function withPart(known: TableExtras, part: Part, [name, value]: readonly [string, JsonObject]): TableExtras {
  const { [name]: _, ...others } = known[part] ?? {};
  return { ...known, [part]: Object.keys(value).length === 0 ? others : { ...others, [name]: value } };
}

function laid(known: JsonObject | undefined, said: JsonObject, mode: EditMode): JsonObject {
  const all = Object.entries(mode === "merge" ? { ...known, ...said } : said);
  return Object.fromEntries(all.filter(([, value]) => value !== null));
}

function isEmpty(extras: TableExtras): boolean {
  return Object.values(extras).every((part) => Object.keys(part ?? {}).length === 0);
}
