import type { Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import { isJsonObject, parseStored } from "../../lib/json.ts";
import type { Connector, Runner } from "../connector.ts";
import { contentOf, isWrapped } from "../envelope.ts";
import type { Predicate, ReadPlan } from "../plan/plan.ts";
import { keyColumns, keysWithin, lookupKeys, planFields, planKeys, planWhere, withColumns } from "../plan/read.ts";
import { NOTHING_RELATED } from "../related.ts";
import { listText } from "../reply.ts";
import type { TableCall } from "./context.ts";
import { keyOfCells } from "./keys.ts";
import { keysOfBody } from "./own-keys.ts";
import { planRelatedRead, relatedTexts, runRead } from "./related-rows.ts";

type Write = (on: TableCall) => Promise<Reply>;

/**
 * Does a write whose answer is to hold related rows: it answers with keys, and the records are read by these, or before they
 * are deleted. What holds whole or not at all is read in the transaction of the write; a list whose records are each
 * written by themselves is read afterwards. Raises `bad_request` for a table without a key, before anything is written.
 */
export async function answersWithRelated(on: TableCall, write: Write): Promise<Reply> {
  if (on.query.related.paths.length === 0) return write(on);
  const plan = planAnswer(on);
  const work = (runner: Runner, connector: Connector) => answer({ ...on, connector }, plan, { write, runner });
  const { connector, call } = on;
  if (connector.batch || !isWhole(on)) return work(connector, connector);
  return connector.transaction((inside) => work(inside, { ...connector, ...inside } as Connector), call.signal);
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

interface Doing {
  readonly write: Write;
  readonly runner: Runner;
}

async function answer(on: TableCall, plan: ReadPlan, { write, runner }: Doing): Promise<Reply> {
  const gone = on.call.verb === "DELETE" ? await readBefore(on, plan, runner) : undefined;
  const query = { ...on.query, fields: undefined, related: NOTHING_RELATED };
  const reply = await write({ ...on, query, asked: on.query });
  const value = "json" in reply.content ? parseStored(reply.content.json) : undefined;
  if (!isJsonObject(value)) return reply;
  const isList = Array.isArray(value.resource);
  const records = (isList ? value.resource : [value]) as readonly JsonObject[];
  const texts = gone ?? (await readBack(on, plan, records, runner));
  const answers = records.map((record) => texts.get(keyOfRecord(on, record)) ?? JSON.stringify(record));
  return { ...reply, content: { json: isList ? listText(answers) : (answers[0] ?? "{}") } };
}

/** Records by their keys. */
type Texts = ReadonlyMap<string, string>;

/** How many keys are read at a time. */
const PORTION = 1_000;

/** The records that were written, by the keys that the write answered with. */
async function readBack(on: TableCall, plan: ReadPlan, records: readonly JsonObject[], runner: Runner): Promise<Texts> {
  const { key } = on.table;
  const { keys } = lookupKeys(
    records.map((record) => key.map((column) => record[column.name] ?? null) as Json),
    key,
  );
  const size = Math.max(1, Math.floor(PORTION / key.length));
  const texts = new Map<string, string>();
  for (let at = 0; at < keys.length; at += size) {
    const where = keysWithin({ columns: key, keys: keys.slice(at, at + size) }, on.scope);
    for (const [name, text] of await readTexts(on, { ...plan, where }, runner)) texts.set(name, text);
  }
  return texts;
}

/** The records that a DELETE names, while they are there. Raises `bad_request` for more than one answer holds. */
async function readBefore(on: TableCall, plan: ReadPlan, runner: Runner): Promise<Texts> {
  const where = namedRows(on);
  if (where === undefined) return new Map();
  const texts = await readTexts(on, { ...plan, where, limit: on.size.most + 1 }, runner);
  if (texts.size > on.size.most)
    throw new Fault("bad_request", `This request deletes more than ${on.size.most} records: leave out 'related'.`);
  return texts;
}

function namedRows(on: TableCall): Predicate | undefined {
  const { call, query, scope } = on;
  const [, , id] = call.path;
  if (id !== undefined) return keysWithin(lookupKeys([id], keyColumns(query, scope)), scope);
  const lookup = planKeys(query, scope) ?? (query.where ? undefined : keysOfBody(on)?.lookup);
  return lookup || query.where ? planWhere(query, scope, lookup) : undefined;
}

async function readTexts(on: TableCall, plan: ReadPlan, runner: Runner): Promise<Texts> {
  const { rows } = await runRead(on, plan, runner);
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
