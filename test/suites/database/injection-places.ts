import type { Json } from "../../../src/contract/json.ts";

/** A request below the service under test. */
export interface Sent {
  readonly verb: string;
  readonly path: string;
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A place of a request where a hostile text may stand. */
export type Place = (hostile: string) => Sent;

type Places = Readonly<Record<string, Place>>;

const get = (path: string, params: Readonly<Record<string, string>> = {}): Sent => ({
  verb: "GET",
  path: `${path}?${new URLSearchParams(params)}`,
});
const rows = (params: Readonly<Record<string, string>>) => get("_table/customers", params);
const filter = (text: string, more: Readonly<Record<string, string>> = {}) => rows({ filter: text, ...more });
/** GET tunnelled through POST, so that its options stand in a body. */
const tunnelled = (body: Json): Sent => ({
  verb: "POST",
  path: "_table/customers",
  body,
  headers: { "X-HTTP-Method": "GET" },
});
const write = (verb: string, path: string, body?: Json): Sent => ({ verb, path, ...(body !== undefined && { body }) });

const segment = encodeURIComponent;
const single = (text: string) => `'${text.replaceAll("'", "''")}'`;
const double = (text: string) => `"${text.replaceAll('"', '""')}"`;
const ticked = (text: string) => `\`${text.replaceAll("`", "``")}\``;
const bracketed = (text: string) => `[${text.replaceAll("]", "]]")}]`;

const PATHS: Places = {
  "the resource": (h) => get(segment(h)),
  "the table": (h) => get(`_table/${segment(h)}`),
  "the table of a record": (h) => get(`_table/${segment(h)}/1`),
  "what stands below a record": (h) => get(`_table/customers/1/${segment(h)}`),
  "an integer id to read": (h) => get(`_table/customers/${segment(h)}`),
  "a text id to read": (h) => get(`_table/countries/${segment(h)}`),
  "a uuid id to read": (h) => get(`_table/things/${segment(h)}`),
  "a composite id to read": (h) => get(`_table/order_items/${segment(h)},${segment(h)}`),
  "an id to put": (h) => write("PUT", `_table/customers/${segment(h)}`, { notes: "x" }),
  "a text id to patch": (h) => write("PATCH", `_table/countries/${segment(h)}`, { name: "x" }),
  "an id to delete": (h) => write("DELETE", `_table/customers/${segment(h)}`),
  "a text id to delete": (h) => write("DELETE", `_table/countries/${segment(h)}`),
  "a table to create in": (h) => write("POST", `_table/${segment(h)}`, { a: 1 }),
  "a table to delete from": (h) => write("DELETE", `_table/${segment(h)}?force=true`),
  "a table to describe": (h) => get(`_schema/${segment(h)}`),
  "a part of a table": (h) => get(`_schema/customers/${segment(h)}`),
  "a field to describe": (h) => get(`_schema/customers/_field/${segment(h)}`),
  "a relationship to describe": (h) => get(`_schema/customers/_related/${segment(h)}`),
  "a table to drop": (h) => write("DELETE", `_schema/${segment(h)}`),
  "a field to drop": (h) => write("DELETE", `_schema/customers/_field/${segment(h)}`),
  "a relationship to drop": (h) => write("DELETE", `_schema/customers/_related/${segment(h)}`),
  "a procedure": (h) => get(`_proc/${segment(h)}`),
  "a function": (h) => get(`_func/${segment(h)}`),
};

const FLAGS = "count_only include_count include_schema include_access continue rollback force upsert as_list";
const PARAMS: Places = {
  "the name of a parameter": (h) => rows({ [h]: h }),
  "the name of a parameter, strictly": (h) => rows({ [h]: h, strict: "true" }),
  "every flag": (h) => rows(Object.fromEntries(`${FLAGS} as_access_list strict`.split(" ").map((name) => [name, h]))),
  "every flag of a deletion": (h) =>
    write("DELETE", `_table/customers?${new URLSearchParams({ force: h, refresh: h })}`),
  ...Object.fromEntries(
    (
      "fields select filter where order sort order_by group group_by having limit top offset skip ids id_field " +
      "id_type related cursor file accept method _method params orders_by_customer_id.fields " +
      "orders_by_customer_id.filter orders_by_customer_id.order orders_by_customer_id_limit"
    )
      .split(" ")
      .map((name): [string, Place] => [`the parameter ${name}`, (h) => rows({ [name]: h })]),
  ),
  "the tables to list": (h) => get("_table", { ids: h, fields: h, as_list: h }),
  "the tables to describe": (h) => get("_schema", { ids: `customers,${h}` }),
  "one field of several": (h) => rows({ fields: `id,${h}` }),
  "a quoted field": (h) => rows({ fields: bracketed(h) }),
  "the field of an aggregate": (h) => rows({ fields: `SUM(${h})` }),
  "the field of a distinct count": (h) => rows({ fields: `country,COUNT(DISTINCT ${h})`, group: "country" }),
  "a condition on groups": (h) =>
    rows({ fields: "country,COUNT(*)", group: "country", having: `COUNT_ALL = ${single(h)}` }),
  "one id of several": (h) => rows({ ids: `1,${h}` }),
  "one id of a JSON list": (h) => rows({ ids: JSON.stringify([h, { id: h }, [h]]) }),
  "an id of a text field": (h) => rows({ ids: h, id_field: "first_name" }),
  "the field of ids": (h) => rows({ ids: "1", id_field: `id,${h}` }),
  "one field of the order": (h) => rows({ order: `id,${h}` }),
  "a quoted field of the order": (h) => rows({ order: `${ticked(h)} desc nulls first` }),
  "a related field of the order": (h) => rows({ order: `countries_by_country.${h}` }),
  "the direction of the order": (h) => rows({ order: `id ${h}` }),
  "the place of nulls in the order": (h) => rows({ order: `id asc nulls ${h}` }),
};

const FILTERS: Places = {
  "a bare value": (h) => filter(`first_name = ${h}`),
  "a quoted value": (h) => filter(`first_name = ${single(h)}`),
  "a doubly quoted value": (h) => filter(`first_name != ${double(h)}`),
  "an integer": (h) => filter(`age > ${single(h)}`),
  "a decimal": (h) => filter(`balance < ${single(h)}`),
  "a boolean": (h) => filter(`active = ${single(h)}`),
  "a date": (h) => filter(`born = ${single(h)}`),
  "a datetime": (h) => filter(`created >= ${single(h)}`),
  "a pattern": (h) => filter(`first_name like ${single(h)}`),
  "a text that is contained": (h) => filter(`notes contains ${single(h)}`),
  "a text at the start": (h) => filter(`notes starts with ${double(h)}`),
  "a text at the end": (h) => filter(`notes not ends with ${single(h)}`),
  "a value of a list": (h) => filter(`first_name in ('a', ${single(h)}, ${double(h)})`),
  "a bare value of a list": (h) => filter(`first_name not in (${h}, b)`),
  "the bounds of a range": (h) => filter(`first_name between ${single(h)} and ${double(h)}`),
  "a bare bound": (h) => filter(`first_name between ${h} and z`),
  "the field": (h) => filter(`${h} = 1`),
  "a field in backticks": (h) => filter(`${ticked(h)} = 1`),
  "a field in brackets": (h) => filter(`${bracketed(h)} is null`),
  "the operator": (h) => filter(`first_name ${h} 1`),
  "the joint": (h) => filter(`(id = 1) ${h} (id = 2)`),
  "what follows": (h) => filter(`id = 1) ${h}`),
  "a relationship": (h) => filter(`${ticked(h)}.id = 1`),
  "a field of a relationship": (h) => filter(`orders_by_customer_id.${bracketed(h)} = 1`),
  "a value of a related field": (h) => filter(`countries_by_country.name = ${single(h)}`),
  "a value of a far field": (h) => filter(`countries_by_country.code in (${single(h)})`),
  "a key in JSON": (h) => filter(`profile->${single(h)} = 1`),
  "keys in JSON": (h) => filter(`profile->address->${double(h)}->${single(h)} = true`),
  "a value in JSON": (h) => filter(`profile->level = ${single(h)}`),
  "a list of values in JSON": (h) => filter(`profile->address->city in (${single(h)}, 'x')`),
  "a pattern in JSON": (h) => filter(`profile->address->city contains ${single(h)}`),
  "the name of a param": (h) => filter(`first_name = :${h}`, { params: JSON.stringify({ [`:${h}`]: h }) }),
  "the value of a param": (h) => filter("first_name = :p and age > :q", { params: JSON.stringify({ p: h, ":q": h }) }),
  "a list as a param": (h) => filter("first_name in (:p)", { params: JSON.stringify({ p: [h, [h], { a: h }] }) }),
  "a param of a pattern": (h) => filter("first_name like :p", { params: JSON.stringify({ p: h }) }),
  "the name of a lookup": (h) => filter(`first_name = {${h}}`),
  "the condition of a count": (h) => filter(`first_name = ${single(h)}`, { count_only: "true" }),
  "the condition of a deletion": (h) =>
    write("DELETE", `_table/customers?${new URLSearchParams({ filter: `first_name = ${single(h)}` })}`),
  "the condition of a change": (h) =>
    write("PATCH", `_table/customers?${new URLSearchParams({ filter: `notes = ${single(h)}` })}`, { notes: h }),
};

const HEADERS: Places = Object.fromEntries(
  (
    "X-HTTP-Method X-Method-Override X-HTTP-Method-Override X-API-Key X-DreamFactory-API-Key Authorization " +
    "X-DreamFactory-Session-Token X-Request-Id Accept Content-Type Content-Encoding If-Match Idempotency-Key"
  )
    .split(" ")
    .map((name): [string, Place] => [
      `the header ${name}`,
      (h) => ({ verb: "POST", path: "_table/customers?ids=1", body: { resource: [] }, headers: { [name]: h } }),
    ]),
);

/** The table that hostile records are written to: its rows come and go. */
export const SCRATCH = "scratch";
const inScratch = (verb: string, body: Json, query = "") => write(verb, `_table/${SCRATCH}${query}`, body);
const FIELDS = "id label amount flag day at note profile uid bytes".split(" ");

const BODIES: Places = {
  "a filter in the body": (h) => tunnelled({ filter: h, limit: 1 }),
  "fields in the body": (h) => tunnelled({ fields: [h, "id"] }),
  "ids in the body": (h) => tunnelled({ ids: [h, 1] }),
  "the order in the body": (h) => tunnelled({ order: [h, `id ${h}`] }),
  "params in the body": (h) => tunnelled({ filter: "notes = :p", params: { p: h, [h]: h } }),
  "numbers in the body": (h) => tunnelled({ limit: h, offset: h }),
  "an option in the body": (h) => tunnelled({ [h]: { [h]: h } }),
  "the envelope": (h) => inScratch("POST", { resource: h }),
  "a body that is a text": (h) => inScratch("POST", h),
  "a list of texts": (h) => inScratch("PATCH", [h, h]),
  "the name of a field": (h) => inScratch("POST", { [h]: h }),
  "the name of a field among others": (h) => inScratch("POST", [{ label: "x", [h]: h }]),
  "the name of a field, strictly": (h) => inScratch("POST", { label: "x", [h]: h }, "?strict=true"),
  "an expression": (h) => inScratch("POST", { label: "x", at: { expression: h } }),
  "an expression and more": (h) => inScratch("POST", { label: { expression: "NOW()", [h]: h } }),
  "the key of an upsert": (h) => inScratch("POST", { id: h, label: h }, "?upsert=true"),
  "the key of a change": (h) => inScratch("PATCH", { resource: [{ id: h, label: h }] }),
  "the field of a change's key": (h) => inScratch("PATCH", { [h]: 1, label: h }, `?id_field=${segment(h)}`),
  "the keys of a deletion": (h) => inScratch("DELETE", { resource: [{ id: h }] }),
  "fields to answer a creation with": (h) => inScratch("POST", { label: "x" }, `?fields=id,${segment(h)}`),
  "fields to answer a change with": (h) => inScratch("PATCH", { label: h }, `?ids=0&fields=${segment(h)}`),
  ...Object.fromEntries(
    FIELDS.map((field): [string, Place] => [
      `the value of ${field}`,
      (h) => inScratch("POST", { resource: [{ label: "x", [field]: h }] }),
    ]),
  ),
  "texts of many records": (h) => inScratch("POST", { resource: [{ label: h }, { label: h, note: h }, { note: h }] }),
  "keys and values of JSON": (h) => inScratch("POST", { label: "x", profile: { [h]: [h, { [h]: h }] } }),
};

/** Every place where a client can put a text, by its name. */
export const PLACES: readonly (readonly [string, Place])[] = [PATHS, PARAMS, FILTERS, HEADERS, BODIES].flatMap(
  (places) => Object.entries(places),
);

/** Whether the place is one that only a header can carry, and so takes no control character. */
export function isHeader(name: string): boolean {
  return name.startsWith("the header ");
}
