import type { Reply, Verb } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import {
  type Catalog,
  findField,
  findRelation,
  findSaidTable,
  findTable,
  ownNameOf,
  sameTable,
  type Table,
} from "../catalog.ts";
import type { EditMode } from "../extras/edit.ts";
import { demandTable, shown, UnknownName } from "../plan/names.ts";
import {
  type Alteration,
  planAlter,
  planDropFields,
  planDropRelation,
  planFields,
  planRelation,
} from "./alter-plan.ts";
import { answerFields, answerTables } from "./answer.ts";
import { createTables } from "./create.ts";
import { keptName } from "./place.ts";
import { dropOrder } from "./referred.ts";
import { nameOf, readNamed, readSaid } from "./said.ts";
import { beginWork, runWork, type SchemaChangeCall, type Work } from "./work.ts";

/** POST, PUT, PATCH and DELETE of `_schema` and all below it. */
export async function changeSchema(on: SchemaChangeCall): Promise<Reply> {
  const [, name, part, item, ...rest] = on.call.path;
  if (rest[0] !== undefined) throw notFound(on, rest[0]);
  const isCreation = on.call.verb === "POST" && part === undefined;
  // What is made anew may stand since the catalog was read.
  const work = beginWork(isCreation ? { ...on, catalog: await on.renew() } : on);
  if (name === undefined) return reply(await changeTables(work));
  if (part === undefined) return reply(await changeTable(work, name));
  const at = alterationOf(work, demandTable(on.catalog, name));
  if (part === "_field") return reply(await changeFields(work, at, item));
  if (part === "_related") return reply(await changeRelations(work, at, item));
  throw notFound(on, part);
}

function reply(value: Json): Reply {
  return { status: 200, content: { value } };
}

function notFound({ call }: SchemaChangeCall, name: string): Fault {
  return new Fault("not_found", `Resource '${shown(name)}' not found for service '${call.service}'.`);
}

const MODES: Readonly<Partial<Record<Verb, EditMode>>> = { POST: "replace", PUT: "replace", PATCH: "merge" };
const SUCCESS = { success: true };

function alterationOf({ on, design, edit }: Work, table: Table): Alteration {
  return { table, design, edit, mode: MODES[on.call.verb] ?? "merge" };
}

async function changeTables(work: Work): Promise<Json> {
  const { on } = work;
  const { verb, body } = on.call;
  if (verb === "DELETE") return dropTables(work, on.options.list("ids") ?? bodyNames(body));
  const items = readSaid(body, "table");
  const isNew = verb === "POST";
  const named = items.map((said) => ({ said, name: isNew ? nameOf(said, "table") : servedName(said, on) }));
  for (const { name } of named) on.access.demand(["_schema", name], verb);
  if (isNew) return { resource: await createTables(work, items) };
  const changes = named.map(({ said, name }) => ({
    name,
    plan: () => planAlter(said, alterationOf(work, demandTable(on.catalog, name))),
  }));
  const tables = named.map(({ name }) => name);
  return { resource: answerTables(tables, await runWork(work, changes, "updated"), on) };
}

/** A table with an alias may also be said by its own name, under which it is described; rules speak of the alias. */
function servedName(said: JsonObject, { catalog, access, call }: SchemaChangeCall): string {
  const name = nameOf(said, "table");
  const table = findSaidTable(catalog, name);
  return table && access.allows(["_schema", table.name], call.verb) ? table.name : name;
}

function bodyNames(body: Json | undefined): readonly string[] {
  return readSaid(body, "table").map((said) => nameOf(said, "table"));
}

async function changeTable(work: Work, name: string): Promise<Json> {
  const { on } = work;
  const { verb, body } = on.call;
  if (verb === "DELETE") {
    await dropTables(work, [name]);
    return SUCCESS;
  }
  if (verb === "POST") return (await createTables(work, [readNamed(body, name, ["table"])]))[0] ?? { name };
  const table = demandTable(on.catalog, name);
  const said = readNamed(body, name, ["table", ownNameOf(table)]);
  const plan = () => planAlter(said, alterationOf(work, table));
  return answerTables([name], await runWork(work, [{ name, plan }], "updated"), on)[0] ?? { name };
}

async function dropTables(work: Work, names: readonly string[]): Promise<Json> {
  const { on, edit, design } = work;
  if (names.length === 0) throw new Fault("bad_request", "No table was found in the request.");
  for (const name of names) on.access.demand(["_schema", name], "DELETE");
  const tables = [...new Set(names.map((name) => demandTable(on.catalog, name)))];
  const items = dropOrder(tables).map((table) => ({
    name: table.name,
    plan: () => {
      edit.dropTable(keptName(design.catalog, table));
      return [{ kind: "dropTable", table, what: table.kind ?? "table" } as const];
    },
  }));
  await runWork(work, items, "deleted");
  return { resource: tables.map(({ name }) => ({ name })) };
}

async function changeFields(work: Work, at: Alteration, item: string | undefined): Promise<Json> {
  const { on } = work;
  const { verb, body } = on.call;
  if (verb === "DELETE") return dropFields(work, at, item);
  const own = item === undefined ? undefined : findField(on.catalog, at.table, item)?.nativeName;
  const fields = item === undefined ? readSaid(body, "field") : [readNamed(body, item, ["field", own])];
  const may = { create: verb === "POST" || item === undefined, change: verb !== "POST" };
  const catalog = await make(work, () => planFields(fields, at, may));
  const names = fields.map((field) => nameOf(field, "field"));
  const answers = answerFields(names, tableIn(catalog, at.table), catalog, on);
  return item === undefined ? { resource: answers } : (answers[0] ?? { name: item });
}

async function dropFields(work: Work, at: Alteration, item: string | undefined): Promise<Json> {
  const { on, design } = work;
  const names = item === undefined ? (on.options.list("ids") ?? []) : [item];
  if (names.length === 0) throw new Fault("bad_request", "No field was found in the request.");
  const columns = names.map((name) => {
    const column = findField(design.catalog, at.table, name);
    if (column) return column;
    throw new UnknownName("not_found", `Field '${shown(name)}' does not exist in table '${at.table.name}'.`);
  });
  await make(work, () => planDropFields([...new Set(columns)], at));
  return item === undefined ? { resource: columns.map(({ name }) => ({ name })) } : SUCCESS;
}

async function changeRelations(work: Work, at: Alteration, item: string | undefined): Promise<Json> {
  const { on } = work;
  const { verb, body } = on.call;
  if (verb === "DELETE") {
    if (item === undefined) throw new Fault("bad_request", "A relationship is dropped by its name in the path.");
    await make(work, () => planDropRelation(item, at));
    return SUCCESS;
  }
  const own = item === undefined ? undefined : findRelation(at.table, item)?.ownName;
  const said = item === undefined ? readSaid(body, "relationship") : [readNamed(body, item, ["relationship", own])];
  const before = at.table.relations;
  const catalog = await make(work, () => said.flatMap((each) => planRelation(each, at, verb === "POST")));
  const made = tableIn(catalog, at.table)?.relations ?? [];
  const added = made.filter(({ name }) => !before.some((each) => each.name === name));
  const names = said.map((each, index) => ({
    name: typeof each.name === "string" ? each.name : (added[index]?.name ?? null),
  }));
  return item === undefined ? { resource: names } : { name: item };
}

/** Makes changes of one table, whose failure is that of the whole request. */
async function make(work: Work, plan: () => ReturnType<typeof planFields>): Promise<Catalog> {
  return runWork(work, [{ name: "", plan }], "updated");
}

function tableIn(catalog: Catalog, table: Table): Table | undefined {
  return catalog.tables.find((each) => sameTable(each, table)) ?? findTable(catalog, table.name);
}
