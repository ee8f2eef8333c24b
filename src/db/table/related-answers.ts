import type { Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import { isJsonObject, parseStored } from "../../lib/json.ts";
import type { Connector } from "../connector.ts";
import { connectorInside } from "../connector-inside.ts";
import { contentOf, isWrapped } from "../envelope.ts";
import type { Predicate, ReadPlan, Row } from "../plan/plan.ts";
import { keyColumns, keysWithin, lookupKeys, planFields, planKeys, planWhere, withColumns } from "../plan/read.ts";
import { NOTHING_RELATED } from "../related.ts";
import { listText } from "../reply.ts";
import type { TableCall } from "./context.ts";
import { demandForeign } from "./foreign.ts";
import { keyOfCells } from "./keys.ts";
import { keysOfBody } from "./own-keys.ts";
import { planRelatedRead, readOwnRows, withForeignRows } from "./related-rows.ts";
import { relatedTexts } from "./related-texts.ts";

type Write = (on: TableCall) => Promise<Reply>;

/**
 * Does a write whose answer is to hold related rows: it answers with keys, and the records are read by these, or before they
 * are deleted. What holds whole or not at all is read in the transaction of the write; a list whose records are each
 * written by themselves is read afterwards, as is what other services hold. Raises `bad_request` for a table without a key,
 * and what these services say against it, before anything is written.
 */
export async function answersWithRelated(on: TableCall, write: Write): Promise<Reply> {
  if (on.query.related.paths.length === 0) return write(on);
  const { connector, call } = on;
  const plan = planAnswer(on);
  await demandForeign(on, plan.foreign ?? []);
  const work = (inside: Connector) => writeAndRead({ ...on, connector: inside }, plan, write);
  const done =
    connector.batch || !isWhole(on)
      ? await work(connector)
      : await connector.transaction((inside) => work(connectorInside(connector, inside)), call.signal);
  return answer(on, plan, done);
}

/** Whether all of the write holds or nothing of it. */
function isWhole({ call, query }: TableCall): boolean {
  if (call.path.length > 2 || query.rollback) return true;
  if (query.ids !== undefined) return false;
  if (query.where !== undefined) return true;
  return isJsonObject(call.body) && !isWrapped(call.body) && !Array.isArray(contentOf(call.body));
}

/** The records as the answer shows them: the key, unless `fields` says more. */
function planAnswer(on: TableCall): ReadPlan {
  const { table, query, scope } = on;
  if (table.key.length === 0)
    throw new Fault("bad_request", `Table '${table.name}' has no primary key: a write can not answer with 'related'.`);
  scope.demandOwnRead();
  const columns = withColumns(planFields(query, scope) ?? table.key, table.key);
  return planRelatedRead(on, {
    kind: "read",
    table,
    columns,
    where: undefined,
    order: [],
    limit: undefined,
    offset: 0,
  });
}

/** A write that was done, and the rows that it is about, without what other services hold. */
interface Done {
  readonly reply: Reply;
  readonly rows: readonly Row[];
}

async function writeAndRead(on: TableCall, plan: ReadPlan, write: Write): Promise<Done> {
  const query = { ...on.query, fields: undefined, related: NOTHING_RELATED };
  const doing = { ...on, query, asked: on.query };
  if (on.call.verb !== "DELETE") {
    const reply = await write(doing);
    return { reply, rows: await readBack(on, plan, recordsOf(reply)) };
  }
  const rows = await readBefore(on, plan);
  return { reply: await write(doing), rows };
}

async function answer(on: TableCall, plan: ReadPlan, { reply, rows }: Done): Promise<Reply> {
  const value = bodyOf(reply);
  if (!isJsonObject(value)) return reply;
  const texts = textsByKey(on, plan, await withForeignRows(on, plan, rows));
  const answers = recordsOf(reply).map((record) => texts.get(keyOfRecord(on, record)) ?? JSON.stringify(record));
  return { ...reply, content: { json: Array.isArray(value.resource) ? listText(answers) : (answers[0] ?? "{}") } };
}

function bodyOf({ content }: Reply): Json | undefined {
  return "json" in content ? parseStored(content.json) : undefined;
}

function recordsOf(reply: Reply): readonly JsonObject[] {
  const value = bodyOf(reply);
  if (!isJsonObject(value)) return [];
  return Array.isArray(value.resource) ? (value.resource as readonly JsonObject[]) : [value];
}

/** How many keys are read at a time. */
const PORTION = 1_000;

/** The records that were written, by the keys that the write answered with. */
async function readBack(on: TableCall, plan: ReadPlan, records: readonly JsonObject[]): Promise<readonly Row[]> {
  const { key } = on.table;
  const { keys } = lookupKeys(
    records.map((record) => key.map((column) => record[column.name] ?? null) as Json),
    key,
  );
  const size = Math.max(1, Math.floor(PORTION / key.length));
  const rows: Row[] = [];
  for (let at = 0; at < keys.length; at += size) {
    const where = keysWithin({ columns: key, keys: keys.slice(at, at + size) }, on.scope);
    for (const row of await readOwnRows(on, { ...plan, where }, on.connector)) rows.push(row);
  }
  return rows;
}

/** The records that a DELETE names, while they are there. Raises `bad_request` for more than one answer holds. */
async function readBefore(on: TableCall, plan: ReadPlan): Promise<readonly Row[]> {
  const where = namedRows(on);
  if (where === undefined) return [];
  const rows = await readOwnRows(on, { ...plan, where, limit: on.size.most + 1 }, on.connector);
  if (rows.length > on.size.most)
    throw new Fault("bad_request", `This request deletes more than ${on.size.most} records: leave out 'related'.`);
  return rows;
}

function namedRows(on: TableCall): Predicate | undefined {
  const { call, query, scope } = on;
  const [, , id] = call.path;
  if (id !== undefined) return keysWithin(lookupKeys([id], keyColumns(query, scope)), scope);
  const lookup = planKeys(query, scope) ?? (query.where ? undefined : keysOfBody(on)?.lookup);
  return lookup || query.where ? planWhere(query, scope, lookup) : undefined;
}

/** Records by their keys. */
function textsByKey(on: TableCall, plan: ReadPlan, rows: readonly Row[]): ReadonlyMap<string, string> {
  const shown = planFields(on.query, on.scope) ?? on.table.key;
  const places = on.table.key.map((column) => plan.columns.indexOf(column));
  const texts = relatedTexts(plan, shown, rows);
  return new Map(
    rows.map((row, index) => {
      const cells = places.map((place) => row[place] ?? "null");
      return [keyOfCells(on.table.key, cells), texts[index] ?? "{}"];
    }),
  );
}

function keyOfRecord({ table }: TableCall, record: JsonObject): string {
  return keyOfCells(
    table.key,
    table.key.map((column) => JSON.stringify(record[column.name] ?? null)),
  );
}
