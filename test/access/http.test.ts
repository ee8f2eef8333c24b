import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, type Grant, makeKey, makeService } from "../house.ts";
import { type HouseWithTables, openHouseWith } from "../http/database.ts";

const SQL = [
  `CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)`,
  `INSERT INTO notes VALUES (1, 'one')`,
  `CREATE TABLE secrets (id INTEGER PRIMARY KEY, text TEXT)`,
  `INSERT INTO secrets VALUES (1, 'hush')`,
  `CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)`,
  `INSERT INTO people VALUES (1, 'Ada')`,
  `CREATE TABLE letters (id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES people (id))`,
  `INSERT INTO letters VALUES (1, 1)`,
  `CREATE TABLE tags (id INTEGER PRIMARY KEY)`,
  `CREATE TABLE letter_tags (letter_id INTEGER REFERENCES letters (id), tag_id INTEGER REFERENCES tags (id), PRIMARY KEY (letter_id, tag_id))`,
  `CREATE TABLE "a/b" (id INTEGER PRIMARY KEY, text TEXT)`,
  `INSERT INTO "a/b" VALUES (1, 'slash')`,
  `CREATE TABLE a (id INTEGER PRIMARY KEY)`,
  `CREATE TABLE "100%" (id INTEGER PRIMARY KEY)`,
  `CREATE TABLE "*" (id INTEGER PRIMARY KEY)`,
  `CREATE TABLE "Größe" (id INTEGER PRIMARY KEY)`,
];

const [GET, POST, PUT, PATCH, DELETE, ALL] = [1, 2, 4, 8, 16, 31];
const VERBS = { GET, POST, PUT, PATCH, DELETE };

let at: HouseWithTables;
let otherId: number;
beforeAll(async () => {
  at = await openHouseWith(SQL);
  otherId = await makeService(at.house, "other", at.type, at.database.config);
});
afterAll(() => at.close());

let made = 0;
const name = () => `made ${++made}`;
/** A key with these entries, on service `db` unless said otherwise. */
const keyWith = (...entries: readonly (readonly [string, number, Partial<Grant>?])[]) =>
  makeKey(
    at.house,
    name(),
    entries.map(([component, verb_mask, rest]) => ({ service_id: at.serviceId, component, verb_mask, ...rest })),
  );
const ask = (key: string | undefined, path: string, verb = "GET", body?: { [key: string]: string | number }) =>
  at.house.ask(verb, path, { ...(key === undefined ? { token: undefined } : { key }), ...(body && { body }) });
const statuses = async (key: string, paths: readonly string[]) =>
  Object.fromEntries(await Promise.all(paths.map(async (path) => [path, (await ask(key, path)).status])));
const error = (status: number, message: string) => ({
  error: { code: status, context: null, message, status_code: status },
});
const seen = ({ status, body }: Answer) => [status, body];
const DENIED = (verb: string) =>
  error(403, `The role of this caller does not allow ${verb} on this resource of service 'db'.`);

describe("an entry on a component", () => {
  const PATHS = [
    "db",
    "db/_table",
    "db/_table/notes",
    "db/_table/notes/1",
    "db/_table/secrets",
    "db/_schema",
    "db/_schema/notes",
  ];

  test.each<[string, readonly number[]]>([
    ["_table/notes", [403, 403, 200, 403, 403, 403, 403]],
    ["_table/notes/", [403, 403, 200, 403, 403, 403, 403]],
    ["_table/notes/*", [403, 403, 200, 200, 403, 403, 403]],
    ["_table/notes/1", [403, 403, 403, 200, 403, 403, 403]],
    ["_table/", [403, 200, 403, 403, 403, 403, 403]],
    ["_table", [403, 200, 403, 403, 403, 403, 403]],
    ["_table/*", [403, 200, 200, 200, 200, 403, 403]],
    ["_TABLE/NOTES/*", [403, 403, 200, 200, 403, 403, 403]],
    ["_schema/*", [403, 403, 403, 403, 403, 200, 200]],
    ["_schema/notes", [403, 403, 403, 403, 403, 403, 200]],
    ["", [200, 403, 403, 403, 403, 403, 403]],
    ["*", [200, 200, 200, 200, 200, 200, 200]],
    ["notes/*", [403, 403, 403, 403, 403, 403, 403]],
    ["_table/note*", [403, 403, 403, 403, 403, 403, 403]],
    ["_table/*/1", [403, 403, 403, 403, 403, 403, 403]],
  ])("'%s' opens that and no more", async (component, expected) => {
    const key = await keyWith([component, GET]);
    expect(await statuses(key, PATHS)).toEqual(Object.fromEntries(PATHS.map((path, index) => [path, expected[index]])));
  });

  test("that is more specific decides, and with mask 0 takes away", async () => {
    const key = await keyWith(["_table/*", ALL], ["_table/secrets/*", 0], ["_table/notes", POST], ["*", 0]);
    expect(await statuses(key, PATHS)).toEqual({
      db: 403,
      "db/_table": 200,
      "db/_table/notes": 403,
      "db/_table/notes/1": 200,
      "db/_table/secrets": 403,
      "db/_schema": 403,
      "db/_schema/notes": 403,
    });
  });

  test("for all services opens them all but the system API, unless the service has one of its own that matches", async () => {
    const everywhere = { service_id: null };
    const key = await keyWith(
      ["_table/*", GET, everywhere],
      ["_table/secrets", 0],
      ["_table/notes", 0, { service_id: otherId }],
    );
    expect(
      await statuses(key, ["db/_table/notes", "db/_table/secrets", "other/_table/notes", "other/_table/secrets"]),
    ).toEqual({
      "db/_table/notes": 200,
      "db/_table/secrets": 403,
      "other/_table/notes": 403,
      "other/_table/secrets": 200,
    });
    // Whoever may change the settings can make an administrator: that takes an entry on `system` itself.
    const all = await keyWith(["*", ALL, everywhere]);
    for (const each of [key, all]) expect((await ask(each, "system/role")).status).toBe(404);
  });

  test("lists in `_table` what its caller may touch, and nothing else", async () => {
    const key = await keyWith(["_table/", GET], ["_table/notes/*", GET | PUT], ["_table/secrets", 0]);
    const { body } = await ask(key, "db/_table");
    expect(body.resource.map((each: { name: string; access: string[] }) => [each.name, each.access])).toEqual([
      ["notes", ["GET", "PUT"]],
    ]);
    const [hidden, missing] = [await ask(key, "db/_table?ids=secrets"), await ask(key, "db/_table?ids=nothing")];
    expect(hidden.text.replace("secrets", "nothing")).toBe(missing.text);
  });
});

describe("a verb mask", () => {
  const paths: Readonly<Record<string, string>> = {
    GET: "db/_table/notes/1",
    POST: "db/_table/notes",
    PUT: "db/_table/notes/1",
    PATCH: "db/_table/notes/1",
    DELETE: "db/_table/notes?filter=id=0",
  };

  test.each([
    0,
    GET,
    POST,
    PUT,
    PATCH,
    DELETE,
    GET | POST,
    PUT | PATCH,
    ALL & ~DELETE,
    ALL,
  ])("of %i opens its verbs alone", async (mask) => {
    const key = await keyWith(["_table/notes/*", mask], ["_schema", GET]);
    for (const [verb, bit] of Object.entries(VERBS)) {
      const answer = await ask(
        key,
        paths[verb] ?? "",
        verb,
        verb === "GET" || verb === "DELETE" ? undefined : { text: "one" },
      );
      expect([mask, verb, answer.status]).toEqual([mask, verb, mask & bit ? 200 : 403]);
    }
    await at.database.query("DELETE FROM notes WHERE id > 1");
  });

  test("without PUT and PATCH creates, but cannot change a record by an upsert", async () => {
    const key = await keyWith(["_table/notes/*", POST]);
    const upsert = await ask(key, "db/_table/notes?upsert=true", "POST", { id: 1, text: "changed" });
    expect(seen(upsert)).toEqual([403, DENIED("PATCH")]);
    expect((await at.database.query("SELECT text FROM notes WHERE id = 1"))[0]).toEqual({ text: "one" });
    const changer = await keyWith(["_table/notes/*", POST | PUT]);
    expect((await ask(changer, "db/_table/notes?upsert=true", "POST", { id: 1, text: "one" })).status).toBe(200);
  });

  test.each([
    ["SCRIPT alone gives the API nothing", 2, 404],
    ["API alone gives it all", 1, 200],
    ["both gives it all", 3, 200],
    ["nobody gives nothing", 0, 404],
  ])("for the requestor %s", async (_, requestor_mask, status) => {
    const key = await keyWith(["*", ALL, { requestor_mask }]);
    expect((await ask(key, "db/_table/notes")).status).toBe(status);
    const listed = (await ask(key, "")).body.services.map((service: { name: string }) => service.name);
    expect(listed).toEqual(status === 200 ? ["db"] : []);
  });
});

describe("what a role may not see answers like what does not exist:", () => {
  test("a table", async () => {
    const key = await keyWith(["_table/notes/*", ALL]);
    for (const verb of Object.keys(VERBS)) {
      for (const rest of ["", "/1", "/1/2", "?ids=1", "?filter=x", "?fields=nothing", "?related=x"]) {
        const [denied, unknown] = [
          await ask(key, `db/_table/secrets${rest}`, verb),
          await ask(key, `db/_table/nothing${rest}`, verb),
        ];
        expect(seen(denied)).toEqual([403, DENIED(verb)]);
        expect(seen(unknown)).toEqual(seen(denied));
      }
    }
  });

  test("the schema of a table, a field, a resource", async () => {
    const key = await keyWith(["_table/notes/*", ALL]);
    for (const path of [
      "_schema",
      "_schema/secrets",
      "_schema/nothing",
      "_schema/secrets/_field/id",
      "_proc",
      "_proc/x",
      "nothing",
    ]) {
      expect(seen(await ask(key, `db/${path}`))).toEqual([403, DENIED("GET")]);
    }
    const schema = await keyWith(["_schema/notes", GET], ["_schema/", GET]);
    const [denied, unknown] = [
      await ask(schema, "db/_schema?ids=secrets"),
      await ask(schema, "db/_schema?ids=nothing"),
    ];
    expect(seen(denied)).toEqual([403, DENIED("GET")]);
    expect(seen(unknown)).toEqual(seen(denied));
  });

  test("a service", async () => {
    const key = await keyWith(["_table/notes/*", ALL]);
    for (const path of ["", "/_table", "/_table/notes", "/nothing", "/a/b/c"]) {
      const [denied, unknown] = [await ask(key, `other${path}`), await ask(key, `nothing${path}`)];
      expect(seen(denied)).toEqual([404, error(404, "Could not find a service for 'other'.")]);
      expect(unknown.text.replace("nothing", "other")).toBe(denied.text);
    }
    expect((await ask(key, "system/role")).status).toBe(404);
    expect((await ask(key, "")).body.services.map((each: { name: string }) => each.name)).toEqual(["db"]);
  });

  test("a table behind a relationship of a filter, as a table that is denied", async () => {
    const all = await keyWith(["_table/*", GET]);
    const some = await keyWith(["_table/*", GET], ["_table/people/*", 0]);
    const through = (key: string) =>
      ask(key, `db/_table/letters?filter=${encodeURIComponent("people_by_person_id.name = 'Ada'")}`);
    expect((await through(all)).body).toEqual({ resource: [{ id: 1, person_id: 1 }] });
    expect(seen(await through(some))).toEqual([403, DENIED("GET")]);
  });

  test("the junction of a relationship, though both its ends are open", async () => {
    const key = await keyWith(["_table/*", GET], ["_table/letter_tags", POST]);
    expect(seen(await ask(key, "db/_table/letters?filter=tags_by_letter_tags.id=1"))).toEqual([403, DENIED("GET")]);
  });
});

describe("the spelling of a path", () => {
  test.each([
    "db/_table/SECRETS",
    "db/_table/Secrets/1",
    "DB/_table/secrets",
    "db/_table/%73ecrets",
    "db/_table/secrets/",
    "db/_table/secret%C5%BF",
    "db/_table/secrets%20",
    "db/_table/secrets%00",
    "db/_table/secrets%2F1",
    "db/_table/main.secrets",
    "db/_table/notes%2F..%2Fsecrets",
    "db/_table/%22secrets%22",
    "db/_table/%60secrets%60",
    "db/_table/[secrets]",
    "db/_TABLE/secrets",
    "db/_table%2Fsecrets",
  ])("opens nothing that is taken away: %s", async (path) => {
    const key = await keyWith(["*", GET], ["_table/secrets/*", 0]);
    const { status, text } = await ask(key, path);
    expect([403, 404]).toContain(status);
    expect(text).not.toContain("hush");
  });

  test("makes no difference by case, in the entry or in the request", async () => {
    const key = await keyWith(["_Table/GRÖSSE/*", GET], ["_TABLE/Größe/*", GET]);
    expect((await ask(key, "db/_table/GR%C3%96%C3%9Fe")).status).not.toBe(403);
    expect((await ask(key, "db/_table/Gr%C3%B6%C3%9Fe")).status).toBe(200);
    expect((await ask(key, "db/_table/Gr%C3%B6sse")).status).toBe(404);
  });

  test("tells a table with a slash in its name from a record below another", async () => {
    const slash = await keyWith(["_table/a%2Fb/*", GET]);
    const below = await keyWith(["_table/a/*", GET]);
    expect((await ask(slash, "db/_table/a%2Fb/1")).body).toEqual({ id: 1, text: "slash" });
    expect((await ask(slash, "db/_table/a/b")).status).toBe(403);
    expect((await ask(below, "db/_table/a%2Fb")).status).toBe(403);
    expect(seen(await ask(below, "db/_table/a/b"))).toEqual([400, error(400, "Field 'id' must be a valid integer.")]);
  });

  test("tells a table that is named like a wildcard from one", async () => {
    const star = await keyWith(["_table/%2A", GET]);
    expect(await statuses(star, ["db/_table/*", "db/_table/notes", "db/_table"])).toEqual({
      "db/_table/*": 200,
      "db/_table/notes": 403,
      "db/_table": 403,
    });
    const percent = await keyWith(["_table/100%", GET]);
    expect((await ask(percent, "db/_table/100%25")).status).toBe(200);
  });

  test("of the components that `as_access_list` names opens just these tables", async () => {
    const { body } = await at.house.ask("GET", "db?as_access_list=true");
    const components: readonly string[] = body.resource.filter((each: string) => /^_table\/.+\/\*$/.test(each));
    expect(components).toContain("_table/a%2Fb/*");
    const key = await keyWith(...components.map((component): [string, number] => [component, GET]));
    const tables: readonly string[] = (await at.house.ask("GET", "db/_table?as_list=true")).body.resource;
    for (const table of tables) {
      expect([table, (await ask(key, `db/_table/${encodeURIComponent(table)}`)).status]).toEqual([table, 200]);
    }
  });
});

describe("a caller", () => {
  const BAD_KEY = [401, error(401, "The API key is not valid.")];

  test("without credentials is asked for them, whatever exists", async () => {
    for (const path of ["", "db", "other", "nothing", "db/_table/notes", "system", "system/role"]) {
      const answer = await ask(undefined, path);
      expect([path, ...seen(answer)]).toEqual([
        path,
        401,
        error(401, "This request needs an API key or a session token."),
      ]);
    }
    expect((await ask(undefined, "system/environment")).status).toBe(200);
  });

  test.each([
    "x",
    "",
    "null",
    "0".repeat(64),
    "__proto__",
    "' OR 1=1 --",
    "x".repeat(300),
    "x".repeat(9000),
  ])("with the unknown key '%s' is refused everywhere", async (key) => {
    for (const path of ["", "db/_table/notes", "nothing"]) expect((await ask(key, path)).status).toBe(401);
  });

  test("with a key in other letters is refused", async () => {
    expect(seen(await ask(at.key.toUpperCase(), "db/_table/notes"))).toEqual(BAD_KEY);
    expect(seen(await ask(` ${at.key.slice(1)}`, "db/_table/notes"))).toEqual(BAD_KEY);
  });

  test("whose app is deleted holds a key like any unknown one", async () => {
    const app = await makeApp();
    expect((await ask(app.key, "db/_table/notes")).status).toBe(200);
    await at.house.ask("DELETE", `system/app/${app.id}`);
    expect(seen(await ask(app.key, "db/_table/notes"))).toEqual(BAD_KEY);
  });

  test("whose app is not active is told so until it is", async () => {
    const app = await makeApp();
    await at.house.ask("PATCH", `system/app/${app.id}`, { body: { is_active: false } });
    expect(seen(await ask(app.key, "db/_table/notes"))).toEqual([
      403,
      error(403, "The app of this API key is not active."),
    ]);
    await at.house.ask("PATCH", `system/app/${app.id}`, { body: { is_active: true } });
    expect((await ask(app.key, "db/_table/notes")).status).toBe(200);
  });

  test("whose role is not active, or gone, is told so", async () => {
    const NO_ROLE = [403, error(403, "The app of this API key has no active role.")];
    const app = await makeApp();
    await at.house.ask("PATCH", `system/role/${app.roleId}`, { body: { is_active: false } });
    expect(seen(await ask(app.key, "db/_table/notes"))).toEqual(NO_ROLE);
    await at.house.ask("PATCH", `system/app/${app.id}`, { body: { role_id: null } });
    expect(seen(await ask(app.key, "db/_table/notes"))).toEqual(NO_ROLE);
  });

  test("whose role is changed is held to the change by the next request", async () => {
    const app = await makeApp();
    const entries = (verb_mask: number) => ({
      role_service_access_by_role_id: [
        { service_id: at.serviceId, component: "_schema/*", verb_mask, requestor_mask: 3 },
      ],
    });
    await at.house.ask("PATCH", `system/role/${app.roleId}`, { body: entries(GET) });
    expect((await ask(app.key, "db/_schema")).status).toBe(200);
  });

  test("of a service that is not active is told so; one who may not see it is not", async () => {
    const id = await makeService(at.house, "asleep", at.type, at.database.config);
    const [mine, stranger] = [await keyWith(["*", ALL, { service_id: id }]), await keyWith(["*", ALL])];
    await at.house.ask("PATCH", `system/service/${id}`, { body: { is_active: false } });
    expect(seen(await ask(mine, "asleep/_table/notes"))).toEqual([403, error(403, "Service 'asleep' is not active.")]);
    expect(seen(await ask(stranger, "asleep/_table/notes"))).toEqual([
      404,
      error(404, "Could not find a service for 'asleep'."),
    ]);
    expect((await ask(mine, "")).body.services).toEqual([]);
    expect(seen(await at.house.ask("GET", "asleep/_table"))).toEqual([
      403,
      error(403, "Service 'asleep' is not active."),
    ]);
  });

  test("cannot raise itself by headers or parameters that name a role, an app or a verb mask", async () => {
    const key = await keyWith(["_table/notes/*", GET]);
    const headers = {
      "X-Role-Id": "1",
      "X-Forwarded-User": "admin",
      "X-Is-Sys-Admin": "true",
      "X-Original-URL": "/api/v2/system/role",
    };
    const query = "role_id=1&app_id=1&is_sys_admin=true&requestor=script&verb_mask=31";
    expect((await at.house.ask("GET", `db/_table/secrets?${query}`, { key, headers })).status).toBe(403);
    expect((await at.house.ask("GET", `system/role?${query}`, { key, headers })).status).toBe(404);
  });
});

/** An app with a role of its own that may read tables. */
async function makeApp(): Promise<{ id: number; roleId: number; key: string }> {
  const entry = { service_id: at.serviceId, component: "_table/*", verb_mask: GET, requestor_mask: 3 };
  const role = await at.house.ask("POST", "system/role", {
    body: { name: name(), is_active: true, role_service_access_by_role_id: [entry] },
  });
  const app = await at.house.ask("POST", "system/app", {
    body: { name: name(), is_active: true, role_id: role.body.id },
  });
  return { id: app.body.id, roleId: role.body.id, key: app.body.api_key };
}
