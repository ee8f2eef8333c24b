import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import { type Catalog, findTable } from "../catalog.ts";
import { DatabaseError } from "../errors.ts";
import { shown, UnknownName } from "../plan/names.ts";
import { answerTables } from "./answer.ts";
import { planCreate } from "./create-plan.ts";
import { nameOf } from "./said.ts";
import { runWork, type Work, type WorkItem } from "./work.ts";

/** Makes the tables of a request; with `check_exist` those that there are not yet. */
export async function createTables(work: Work, said: readonly JsonObject[]): Promise<readonly Json[]> {
  const { on, design, edit, planned } = work;
  const { catalog } = design;
  const isSkipping = on.options.flag("check_exist");
  const wanted = said.filter((each) => !(isSkipping && findTable(catalog, nameOf(each, "table"))));
  const items = inOrder(wanted, catalog).map((each) => {
    const name = nameOf(each, "table");
    return {
      name,
      plan: () => {
        demandNew(name, work);
        const change = planCreate(each, design, edit);
        planned.set(catalog.foldTable(name), change);
        return [change];
      },
    };
  });
  const made =
    items.length === 0
      ? catalog
      : await runWork(work, items, "created").catch((error) => afterRace(error, items, work));
  const names = said.map((each) => nameOf(each, "table"));
  return answerTables(names, made, on);
}

/** Somebody else may have made the table a moment before. */
async function afterRace(error: unknown, items: readonly WorkItem[], { on }: Work): Promise<Catalog> {
  const [item, ...others] = items;
  const isOfDatabase = error instanceof Fault && error.cause instanceof DatabaseError;
  if (item === undefined || others.length > 0 || !isOfDatabase) throw error;
  const catalog = await on.renew();
  if (findTable(catalog, item.name) === undefined) throw error;
  if (on.options.flag("check_exist")) return catalog;
  throw new Fault("conflict", existing(item.name));
}

function existing(name: string): string {
  return `Table '${shown(name)}' already exists in the database.`;
}

/** What the catalog holds may be out of date. */
function demandNew(name: string, { design: { catalog, planned } }: Work): void {
  if (findTable(catalog, name)) throw new UnknownName("conflict", existing(name));
  if (planned.has(catalog.foldTable(name)))
    throw new Fault("bad_request", `Table '${shown(name)}' is twice in the request.`);
}

/** The tables so that each stands behind those that it refers to; of those that refer to each other the first comes first. */
function inOrder(said: readonly JsonObject[], catalog: Catalog): readonly JsonObject[] {
  const left = [...said];
  const ordered: JsonObject[] = [];
  while (left.length > 0) {
    const open = new Set(left.map((each) => catalog.foldTable(String(each.name))));
    const free = left.findIndex((each) => referred(each, catalog).every((name) => !open.has(name)));
    ordered.push(...left.splice(Math.max(free, 0), 1));
  }
  return ordered;
}

/** The tables that a table refers to, itself left out. */
function referred({ name, field, related }: JsonObject, catalog: Catalog): readonly string[] {
  const parts = [field, related].flat() as readonly (Json | undefined)[];
  const names = parts.flatMap((part) => {
    const table = (part as JsonObject | null | undefined)?.ref_table;
    return typeof table === "string" ? [catalog.foldTable(table)] : [];
  });
  return names.filter((each) => each !== catalog.foldTable(String(name)));
}
