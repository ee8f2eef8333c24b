import type { JsonObject } from "../../contract/json.ts";
import { splitList } from "../../lib/list.ts";
import type { Catalog, Relation, RelationKind, Table } from "../catalog.ts";
import { keptOf } from "./kept.ts";
import { type Names, ownOf, type Tell } from "./names.ts";

/** What the relationships of a table are laid out with. */
export interface RelationsOf {
  readonly table: Table;
  readonly catalog: Catalog;
  readonly extras: Readonly<Record<string, JsonObject>>;
  readonly names: Names;
  /** The id of the service whose table it is. */
  readonly serviceId: number | undefined;
  /** The name of the service with this id. */
  serviceName(id: number): string | undefined;
  readonly tell: Tell;
}

/** The relationships of a table with their extras, and behind them its virtual ones. */
export function relationsOf(on: RelationsOf): readonly Relation[] {
  const { table, extras } = on;
  const real = table.relations.map((relation) => renamed(relation, on));
  const taken = new Set(table.relations.map(({ name }) => name));
  const virtual = Object.entries(extras)
    .filter(([name, each]) => each.is_virtual === true && !taken.has(name))
    .flatMap(([name, each]) => virtualRelation(name, each, on) ?? []);
  return aliased([...real, ...virtual], on);
}

/** The relationship with what its tables and fields are called. */
function renamed(relation: Relation, { table, names }: RelationsOf): Relation {
  const { junction, fields, refTable, refFields } = relation;
  const called = (of: string, columns: readonly string[]) => columns.map((column) => names.field(of, column));
  return {
    ...relation,
    fields: called(table.name, fields),
    refTable: names.table(refTable),
    refFields: called(refTable, refFields),
    ...(junction && {
      junction: {
        table: names.table(junction.table),
        fields: called(junction.table, junction.fields),
        refFields: called(junction.table, junction.refFields),
      },
    }),
  };
}

/** An alias that is the name of another relationship, or of a field, is none. */
function aliased(relations: readonly Relation[], { table, extras, names, tell }: RelationsOf): readonly Relation[] {
  const fields = table.columns.map(({ nativeName }) => names.field(table.name, nativeName));
  const taken = new Set([...relations.map(({ name }) => name), ...fields].map((name) => name.toLowerCase()));
  return relations.map((relation) => {
    const said = ownOf(extras, relation.name) ?? {};
    const alias = typeof said.alias === "string" && said.alias !== relation.name ? said.alias : undefined;
    if (alias === undefined) return laid(relation, said, undefined);
    const isFree = !taken.has(alias.toLowerCase());
    if (!isFree)
      tell(table.name, `Relationship '${relation.name}': the alias '${alias}' is the name of something else.`);
    taken.add(alias.toLowerCase());
    return laid(relation, said, isFree ? alias : undefined);
  });
}

function laid(relation: Relation, said: JsonObject, alias: string | undefined): Relation {
  return {
    ...relation,
    ...keptOf(said, alias),
    ...(alias !== undefined && { name: alias, ownName: relation.name }),
    ...(said.always_fetch === true && { alwaysFetch: true }),
    ...(said.flatten === true && { flatten: true }),
    ...(said.flatten_drop_prefix === true && { flattenDropPrefix: true }),
  };
}

/** What is said of a relationship whose other table there is not. */
export function missingEnd(name: string): string {
  return `Relationship '${name}': there is no such 'ref_table', or no such service.`;
}

/** What is said of one whose junction there is not. */
export function missingJunction(name: string): string {
  return `Relationship '${name}': it needs a 'junction_table' with its 'junction_field' and 'junction_ref_field'.`;
}

/** One end of a way: a table of this service, or of another one, whose tables are not known here. */
interface End {
  readonly table: string;
  columns(said: JsonObject[string] | undefined): readonly string[] | undefined;
  readonly service?: string;
}

function virtualRelation(name: string, said: JsonObject, on: RelationsOf): Relation | undefined {
  const refuse = (what: string) => {
    on.tell(on.table.name, `Relationship '${name}': ${what}.`);
    return undefined;
  };
  const own = endOf(on.table.name, undefined, on);
  const ref = endOf(said.ref_table, said.ref_service_id, on);
  if (own === undefined || ref === undefined) {
    on.tell(on.table.name, missingEnd(name));
    return undefined;
  }
  const fields = own.columns(said.field);
  const refFields = ref.columns(said.ref_field);
  if (fields === undefined || refFields === undefined)
    return refuse("'field' and 'ref_field' must name fields of their tables");
  const kind = said.type as RelationKind | undefined;
  if (kind === undefined) return refuse("it needs a 'type'");
  const base = {
    name,
    kind,
    fields,
    refTable: ref.table,
    refFields,
    onUpdate: null,
    onDelete: null,
    isVirtual: true,
    ...serviceOf("ref", said.ref_service_id, ref),
  };
  if (kind === "many_many") return throughJunction(base, said, { ...on, refuse });
  return fields.length === refFields.length ? base : refuse("'field' and 'ref_field' must name as many fields");
}

function throughJunction(
  base: Relation,
  said: JsonObject,
  on: RelationsOf & { readonly refuse: (what: string) => undefined },
): Relation | undefined {
  const end = endOf(said.junction_table, said.junction_service_id, on);
  const fields = end?.columns(said.junction_field);
  const refFields = end?.columns(said.junction_ref_field);
  if (end === undefined || fields === undefined || refFields === undefined) {
    on.tell(on.table.name, missingJunction(base.name));
    return undefined;
  }
  if (fields.length !== base.fields.length || refFields.length !== base.refFields.length)
    return on.refuse("its lists of fields must be of the same length");
  const junction = { table: end.table, fields, refFields };
  return { ...base, junction, ...serviceOf("junction", said.junction_service_id, end) };
}

function serviceOf(which: "ref" | "junction", id: JsonObject[string] | undefined, { service }: End): object {
  if (typeof id !== "number") return {};
  return { [`${which}ServiceId`]: id, ...(service !== undefined && { [`${which}Service`]: service }) };
}

/** Tables and fields are found by what they are called, or by their own names. The service itself is no other one. */
function endOf(
  tableName: JsonObject[string] | undefined,
  saidService: JsonObject[string] | undefined,
  { catalog, names, serviceId, serviceName }: RelationsOf,
): End | undefined {
  if (typeof tableName !== "string") return undefined;
  if (typeof saidService === "number" && saidService !== serviceId) {
    const service = serviceName(saidService);
    return service === undefined ? undefined : { table: tableName, columns: listed, service };
  }
  const fits = ({ name }: Table) =>
    [name, names.table(name)].some((each) => catalog.foldTable(each) === catalog.foldTable(tableName));
  const table = catalog.tables.find(({ name }) => name === tableName) ?? catalog.tables.find(fits);
  return table && { table: names.table(table.name), columns: (said) => columnsOf(table, said, { catalog, names }) };
}

function listed(said: JsonObject[string] | undefined): readonly string[] | undefined {
  const list = typeof said === "string" ? splitList(said) : [];
  return list.length === 0 ? undefined : list;
}

function columnsOf(
  table: Table,
  said: JsonObject[string] | undefined,
  { catalog, names }: Pick<RelationsOf, "catalog" | "names">,
): readonly string[] | undefined {
  const fold = catalog.foldColumn;
  const found = listed(said)?.map((name) => {
    const called = (native: string) => names.field(table.name, native);
    const column = table.columns.find(
      ({ nativeName }) => fold(nativeName) === fold(name) || fold(called(nativeName)) === fold(name),
    );
    return column && called(column.nativeName);
  });
  return found?.every((name) => name !== undefined) ? found : undefined;
}
