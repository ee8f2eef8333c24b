import type { Column, Table } from "../catalog.ts";
import type { Predicate, RelatedPlan } from "../plan/plan.ts";
import type { Dialect } from "./dialect.ts";
import type { Statement } from "./driver.ts";
import { groupsText } from "./group.ts";
import { hopText, orderTerms } from "./order.ts";
import { selected } from "./reference.ts";
import { andWhere, whereClause } from "./where.ts";
import { commaList, Writer } from "./writer.ts";

/** The rows that are related to some rows, and how each says which of these it belongs to. */
export interface RelatedSelect {
  readonly plan: RelatedPlan;
  /** What is read of each related row. */
  readonly columns: readonly Column[];
  /** What each row tells behind these: the key that leads to it. */
  readonly keys: readonly Column[];
  /** Where the keys stand: in the rows that are related to, or as written on the other end of the first hop. */
  readonly through: "own" | "joined";
  /** The table that is related from. */
  readonly from: Table;
  /** The rows that are related from, or the first hop's table when `through` is `own`. */
  readonly where: Predicate;
  readonly most: number;
}

/** One statement for the related rows of many rows. Limit and offset count for each of these. */
export function relatedStatement(select: RelatedSelect, dialect: Dialect): Statement {
  const writer = new Writer(dialect);
  const text = isPaged(select) ? pagedText(select, writer) : plainText(select, writer);
  return writer.statement(text);
}

function isPaged({ plan: { many, read } }: RelatedSelect): boolean {
  return many && (read.limit !== undefined || read.offset > 0);
}

function plainText(select: RelatedSelect, writer: Writer): string {
  const { dialect } = writer;
  const { rows, keys, source } = sourceText(select, writer);
  const list = [
    ...select.columns.map((column) => dialect.read(column, selected(column, rows, dialect))),
    ...select.keys.map((column, index) => dialect.read(column, keys[index] ?? "")),
  ];
  const order = orderTerms(select.plan.read.order, rows, writer);
  const orderBy = order.length > 0 ? ` ORDER BY ${commaList(order)}` : "";
  return `SELECT ${commaList(list)} ${source}${orderBy}${dialect.page(select.most, 0, writer.bind)}`;
}

/** Rows are numbered by the row that they are related to, in their order, and cut by that number. */
function pagedText(select: RelatedSelect, writer: Writer): string {
  const { dialect } = writer;
  const { read } = select.plan;
  const names = [...select.columns, ...select.keys].map((_, index) => dialect.quote(`c${index}`));
  const { rows, keys, spellings, source } = sourceText(select, writer);
  const cells = [...select.columns.map((column) => selected(column, rows, dialect)), ...keys];
  const order = orderTerms(read.order, rows, writer);
  const orderBy = order.length > 0 ? ` ORDER BY ${commaList(order)}` : "";
  const number = dialect.quote("n");
  const numbered = `ROW_NUMBER() OVER (PARTITION BY ${commaList([...keys, ...spellings])}${orderBy}) AS ${number}`;
  const inner = commaList([...cells.map((cell, index) => `${cell} AS ${names[index]}`), numbered]);
  const outer = writer.alias();
  const list = [...select.columns, ...select.keys].map((column, at) => dialect.read(column, `${outer}.${names[at]}`));
  const from = `${outer}.${number} > ${writer.bind(BigInt(read.offset))}`;
  const to =
    read.limit === undefined ? "" : ` AND ${outer}.${number} <= ${writer.bind(BigInt(read.offset + read.limit))}`;
  const page = dialect.page(select.most, 0, writer.bind);
  return `SELECT ${commaList(list)} FROM (SELECT ${inner} ${source}) ${outer} WHERE ${from}${to} ORDER BY ${outer}.${number}${page}`;
}

/** From FROM to the conditions, and how its parts are called. */
interface SourceText {
  readonly source: string;
  /** What qualifies the columns of the related rows. */
  readonly rows: string;
  readonly keys: readonly string[];
  readonly spellings: readonly string[];
}

/** The related rows, or their groups, beside the keys that lead to them. */
function sourceText(select: RelatedSelect, writer: Writer): SourceText {
  const joined = joinedText(select, writer);
  const { read } = select.plan;
  if (read.groups === undefined) return joined;
  const { dialect } = writer;
  const also = new Map([...joined.keys, ...joined.spellings].map((text, index) => [dialect.quote(`k${index}`), text]));
  const { from, where } = joined;
  const text = groupsText(read.groups, { from, owner: joined.rows, where, also }, writer);
  const rows = writer.alias();
  const names = [...also.keys()].map((name) => `${rows}.${name}`);
  return {
    rows,
    keys: names.slice(0, joined.keys.length),
    spellings: names.slice(joined.keys.length),
    source: `FROM (${text}) ${rows}${whereClause(read.where, rows, writer)}`,
  };
}

interface Joined extends SourceText {
  readonly from: string;
  readonly where: string;
}

/** Where the keys stand in the related rows themselves, nothing has to be joined to these. */
function joinedText(select: RelatedSelect, writer: Writer): Joined {
  const { read, hops } = select.plan;
  const rows = writer.alias();
  const table = `${writer.dialect.tableName(read.groups?.table ?? read.table)} ${rows}`;
  const isPlain = select.through === "own" && hops.length === 1;
  const keys = isPlain ? ownKeys(select, { table, rows }, writer) : joinedKeys(select, { table, rows }, writer);
  const condition = read.groups === undefined ? read.where : read.groups.where;
  const where = `${keys.where}${andWhere(hops.at(-1)?.where, rows, writer)}${andWhere(condition, rows, writer)}`;
  return { ...keys, rows, where, source: `FROM ${keys.from}${where}` };
}

/** The related rows: their table with its alias, and the alias alone. */
interface Rows {
  readonly table: string;
  readonly rows: string;
}

type Keyed = Pick<Joined, "from" | "where" | "keys" | "spellings">;

function ownKeys({ keys, where }: RelatedSelect, { table, rows }: Rows, writer: Writer): Keyed {
  const texts = keys.map((column) => placeOf(column, rows, writer.dialect));
  return { from: table, where: whereClause(where, rows, writer), keys: texts, spellings: [] };
}

function joinedKeys(select: RelatedSelect, { table, rows }: Rows, writer: Writer): Keyed {
  const { dialect } = writer;
  const text = wayText(select, writer);
  const way = writer.alias();
  const cell = (name: string) => `${way}.${dialect.quote(name)}`;
  const ends = select.plan.hops.at(-1)?.refFields ?? [];
  const pairs = ends.map((each, at) => `${placeOf(each, rows, dialect)} = ${cell(`b${at}`)}`);
  return {
    from: `${table} JOIN (${text}) ${way} ON ${pairs.join(" AND ")}`,
    where: " WHERE 1 = 1",
    keys: select.keys.map((_, index) => cell(`k${index}`)),
    spellings: select.through === "own" ? [] : select.keys.map((_, index) => cell(`s${index}`)),
  };
}

/**
 * Each key once with what it leads to: `k`, the key as it is written in the rows that are related from (or in the
 * junction), `s` how it is spelt, `b` what the related rows have to match.
 */
function wayText(select: RelatedSelect, writer: Writer): string {
  const { dialect } = writer;
  const { plan, keys, through, where } = select;
  const [first, second] = plan.hops;
  const { source, start, end } = wayRows(select, writer);
  const own = keys.map((key) => placeOf(key, start, dialect));
  const spelt = through === "joined" ? own.map((text) => dialect.spelling(text)) : [];
  const ends = (second?.fields ?? keys).map((each) => placeOf(each, end, dialect));
  const cells = [...named("k", own, dialect), ...named("s", spelt, dialect), ...named("b", ends, dialect)];
  const held = () => (through === "own" ? andWhere(first?.where, start, writer) : "");
  return `SELECT DISTINCT ${commaList(cells)} FROM ${source}${whereClause(where, start, writer)}${held()}`;
}

/** What a way is read from: where it begins, and where the junction stands if it has one. */
function wayRows({ plan, through, from }: RelatedSelect, writer: Writer) {
  const { dialect } = writer;
  const [first, second] = plan.hops;
  if (first === undefined) throw new Error("A relationship has at least one hop.");
  const start = writer.alias();
  const source = `${dialect.tableName(through === "own" ? first.table : from)} ${start}`;
  if (second === undefined || through === "own") return { source, start, end: start };
  const end = writer.alias();
  const junction = `${dialect.tableName(first.table)} ${end} ON ${hopText(first, start, end, writer)}`;
  return { source: `${source} JOIN ${junction}`, start, end };
}

function placeOf(column: Column, owner: string, dialect: Dialect): string {
  return `${owner}.${dialect.quote(column.nativeName)}`;
}

function named(letter: string, texts: readonly string[], dialect: Dialect): readonly string[] {
  return texts.map((text, index) => `${text} AS ${dialect.quote(`${letter}${index}`)}`);
}
