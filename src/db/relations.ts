import type { ForeignKeyFacts, Relation, TableFacts } from "./catalog.ts";

type Served = (schema: string, name: string) => string;

/** Derives the relationships of all tables from their foreign keys, named as the wire contract says. */
export function relationsOf(
  tables: readonly TableFacts[],
  served: Served,
): ReadonlyMap<TableFacts, readonly Relation[]> {
  const byName = new Map(tables.map((table) => [nativeName(table.schema, table.name), table]));
  const relations = new Map<TableFacts, Relation[]>(tables.map((table) => [table, []]));
  // In an order of their own, so that names that need a number get the same one whatever order a database lists tables in.
  for (const child of tables.toSorted((a, b) => (served(a.schema, a.name) < served(b.schema, b.name) ? -1 : 1))) {
    for (const key of child.foreignKeys) {
      const parent = byName.get(nativeName(key.refSchema, key.refTable));
      if (parent === undefined) continue;
      relations.get(child)?.push(belongsTo(child, parent, key, served));
      relations.get(parent)?.push(hasManyOrOne(child, key, served));
    }
    for (const [near, far] of junctionPairs(child)) {
      const parent = byName.get(nativeName(near.refSchema, near.refTable));
      if (parent) relations.get(parent)?.push(manyMany(child, near, far, served));
    }
  }
  for (const list of relations.values()) makeNamesUnique(list);
  return relations;
}

/** Unlike the served name, one that no two tables share. */
function nativeName(schema: string, table: string): string {
  return JSON.stringify([schema, table]);
}

function belongsTo(child: TableFacts, parent: TableFacts, key: ForeignKeyFacts, served: Served): Relation {
  const parentName = parent === child ? "parent" : served(parent.schema, parent.name);
  return {
    name: `${parentName}_by_${key.columns.join("_")}`,
    kind: "belongs_to",
    fields: key.columns,
    refTable: served(parent.schema, parent.name),
    refFields: key.refColumns,
    onUpdate: key.onUpdate,
    onDelete: key.onDelete,
  };
}

function hasManyOrOne(child: TableFacts, key: ForeignKeyFacts, served: Served): Relation {
  const childName = served(child.schema, child.name);
  return {
    name: `${childName}_by_${key.columns.join("_")}`,
    kind: isUnique(child, key.columns) ? "has_one" : "has_many",
    fields: key.refColumns,
    refTable: childName,
    refFields: key.columns,
    onUpdate: key.onUpdate,
    onDelete: key.onDelete,
  };
}

function manyMany(junction: TableFacts, near: ForeignKeyFacts, far: ForeignKeyFacts, served: Served): Relation {
  const farName = served(far.refSchema, far.refTable);
  const junctionName = served(junction.schema, junction.name);
  return {
    name: `${farName}_by_${junctionName}`,
    kind: "many_many",
    fields: near.refColumns,
    refTable: farName,
    refFields: far.refColumns,
    onUpdate: null,
    onDelete: null,
    junction: { table: junctionName, fields: near.columns, refFields: far.columns },
  };
}

/** A table with more foreign keys than this is no junction: its pairs would be more than anybody reads. */
const MOST_JUNCTION_KEYS = 8;

/** Ordered pairs of different foreign keys of a table, when it has at least two. */
function junctionPairs(table: TableFacts): readonly [ForeignKeyFacts, ForeignKeyFacts][] {
  if (table.foreignKeys.length > MOST_JUNCTION_KEYS) return [];
  return table.foreignKeys.flatMap((near) =>
    table.foreignKeys.filter((far) => far !== near).map((far): [ForeignKeyFacts, ForeignKeyFacts] => [near, far]),
  );
}

function isUnique(table: TableFacts, columns: readonly string[]): boolean {
  const same = (other: readonly string[]) =>
    other.length === columns.length && other.every((column) => columns.includes(column));
  return same(table.key) || table.indexes.some((index) => index.unique && same(index.columns));
}

/** Two foreign keys may ask for one name: the later ones get `_2`, `_3`…, in catalog order, so that none is lost. */
function makeNamesUnique(relations: Relation[]): void {
  const taken = new Set<string>();
  const next = new Map<string, number>();
  relations.forEach((relation, index) => {
    let name = relation.name;
    let number = next.get(name) ?? 2;
    while (taken.has(name)) name = `${relation.name}_${number++}`;
    next.set(relation.name, number);
    taken.add(name);
    relations[index] = { ...relation, name };
  });
}
