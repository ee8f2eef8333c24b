import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Isolate, type Isolates, SECRETS, startIsolates } from "../runtime/isolates.ts";
import { until } from "../runtime/until.ts";

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly body: any;
}

const ISOLATES = 4;
const STRANGER = ISOLATES;
const LATE = ISOLATES + 1;
const ALL_UNDONE = "Batch Error: Not all requested records could be created. All changes rolled back.";
const TAKEN = { message: "A record with the same value of 'name' already exists." };
const BROKEN = [{ component: "*", verb_mask: 1, service_id: 999_999 }];

/** Several isolates on one D1 database, started by requests that come at the same time. */
describe("the store in D1", () => {
  let running: Isolates;
  let token: string;
  const isolate = (index: number) => running.isolates[index] as Isolate;
  const ask = async (index: number, verb: string, path: string, body?: object): Promise<Answer> => {
    const answer = await isolate(index).ask(verb, path, token, body);
    return { status: answer.status, body: await answer.json() };
  };
  const roles = async (index: number) => {
    const { body } = await ask(index, "GET", "system/role?fields=name&order=id");
    return body.resource.map((role: { name: string }) => role.name);
  };

  beforeAll(async () => {
    const vars = { ...SECRETS, DATABASE_URL: "d1:DB", LOG_LEVEL: "debug" };
    running = await startIsolates([
      ...Array.from({ length: ISOLATES }, () => ({ vars })),
      { vars: { ...vars, MILLRACE_SECRET: "another secret of thirty-two letters" } },
      { vars },
    ]);
    const tokens = await Promise.all(running.isolates.slice(0, ISOLATES).map((each) => each.login()));
    token = tokens[0] ?? "";
  });
  afterAll(() => running?.close());

  test("is made once by isolates that start at the same time", async () => {
    expect((await ask(1, "GET", "system/service?filter=name=system")).body.resource).toHaveLength(1);
    expect((await ask(2, "GET", "system/admin")).body.resource).toHaveLength(1);
  });

  test("shows a change at once where it was made, and soon on the others", async () => {
    const { body } = await ask(0, "POST", "system/app", { name: "early", is_active: true });
    const statusOn = async (index: number) =>
      (await isolate(index).fetch("/api/v2", { headers: { "X-API-Key": body.api_key } })).status;
    expect(await statusOn(0)).toBe(403);
    await until(async () => (await statusOn(1)) === 403);
  });

  test("keeps rows with their nested rows, and gives them ids that go up", async () => {
    const access = [
      { component: "*", verb_mask: 1 },
      { component: "_table/*", verb_mask: 31, requestor_mask: 2 },
    ];
    const made = [];
    for (const name of ["b-role", "a-role"])
      made.push(await ask(0, "POST", "system/role", { name, role_service_access_by_role_id: access }));
    expect(made.map(({ status }) => status)).toEqual([201, 201]);
    expect(made[1]?.body.id).toBe(made[0]?.body.id + 1);
    const found = await ask(0, "GET", "system/role?filter=name%20ends%20with%20-role&order=name&related=*");
    expect(found.body.resource).toMatchObject([
      { name: "a-role", role_service_access_by_role_id: access },
      { name: "b-role", role_service_access_by_role_id: access },
    ]);
  });

  test("changes and removes nested rows together with their owner", async () => {
    const { body } = await ask(0, "GET", "system/role?filter=name=a-role&related=*");
    const [role] = body.resource;
    const [first, second] = role.role_service_access_by_role_id;
    const lists = [
      { ...first, verb_mask: 3 },
      { ...second, role_id: null },
      { component: "new", verb_mask: 2 },
    ];
    const path = `system/role/${role.id}?related=*`;
    expect((await ask(0, "PATCH", path, { role_service_access_by_role_id: lists })).status).toBe(200);
    const after = await ask(0, "GET", path);
    expect(after.body.role_service_access_by_role_id).toMatchObject([
      { component: "*", verb_mask: 3 },
      { component: "new", verb_mask: 2 },
    ]);
  });

  test("refuses a name that is taken with 409", async () => {
    const { status, body } = await ask(0, "POST", "system/role", { name: "a-role" });
    expect([status, body.error.message]).toEqual([409, "A record with the same value of 'name' already exists."]);
  });

  test("undoes what fails half-way", async () => {
    const before = await roles(0);
    const { status } = await ask(0, "POST", "system/role", { name: "half", role_service_access_by_role_id: BROKEN });
    expect(status).toBe(409);
    expect(await roles(0)).toEqual(before);
  });

  test("keeps all of a list or nothing of it with 'rollback'", async () => {
    const lists = [{ name: "c-role" }, { name: "a-role" }];
    const before = await roles(0);
    const { status, body } = await ask(0, "POST", "system/role?rollback=true", { resource: lists });
    expect([status, body.error.code, body.error.message]).toEqual([400, 1000, ALL_UNDONE]);
    expect(body.error.context).toEqual({
      error: [1],
      resource: [{ id: expect.any(Number) }, { ...TAKEN, code: 409, status_code: 409 }],
    });
    expect(await roles(0)).toEqual(before);
    const fine = [{ name: "d-role" }, { name: "e-role" }];
    expect((await ask(0, "POST", "system/role?rollback=true", { resource: fine })).status).toBe(201);
    expect(await roles(0)).toEqual([...before, "d-role", "e-role"]);
    expect((await ask(0, "DELETE", "system/role?filter=name%20in%20(d-role,e-role)&rollback=true")).status).toBe(200);
    expect(await roles(0)).toEqual(before);
  });

  test.each([
    ["names that two of them share", [{ name: "f" }, { name: "g" }, { name: "g" }], 2],
    ["a reference that is broken", [{ name: "f" }, { name: "g", role_service_access_by_role_id: BROKEN }], 1],
    ["the first of them", [{ name: "a-role" }, { name: "g" }, { name: "h" }], 0],
  ])("says which of a list with 'rollback' was refused: %s", async (_title, resource, wrong) => {
    const before = await roles(0);
    const { status, body } = await ask(0, "POST", "system/role?rollback=true", { resource });
    expect([status, body.error.context.error]).toEqual([400, [wrong]]);
    expect(body.error.context.resource[wrong]).toMatchObject({ status_code: 409 });
    expect(await roles(0)).toEqual(before);
  });

  test("writes each statement of a change to the query log, also those that find out what was refused", async () => {
    const from = running.log().length;
    expect((await ask(0, "POST", "system/role", { name: "a-role" })).status).toBe(409);
    const sent = () =>
      [
        ...running
          .log()
          .slice(from)
          .matchAll(/"sql":"(UPDATE|SELECT name, seq)/g),
      ].map(([, sql]) => sql);
    await until(async () => sent().length === 4);
    // The change, the beginning of it that tells where it was refused, and the change up to there.
    expect(sent()).toEqual(["SELECT name, seq", "UPDATE", "UPDATE", "SELECT name, seq"]);
  });

  test("removes what belongs to a row together with it", async () => {
    const { body } = await ask(0, "GET", "system/role?filter=name=b-role");
    expect((await ask(0, "DELETE", `system/role/${body.resource[0].id}`)).status).toBe(200);
    expect(await roles(0)).toEqual(["a-role"]);
  });

  test("loses no change of isolates that write at the same time", async () => {
    const names = Array.from({ length: 12 }, (_, index) => `crowd-${index}`);
    const answers = await Promise.all(
      names.map((name, index) => ask(index % ISOLATES, "POST", "system/role", { name, is_active: true })),
    );
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 201));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(names.length);
    expect((await ask(0, "GET", "system/role?filter=name%20starts%20with%20crowd-")).body.resource).toHaveLength(12);
  });

  test("keeps each of many changes that come to one isolate at the same time", async () => {
    const names = Array.from({ length: 120 }, (_, index) => `queue-${index}`);
    const answers = await Promise.all(names.map((name) => ask(0, "POST", "system/role", { name })));
    expect(answers.filter(({ status }) => status !== 201)).toEqual([]);
    const found = await ask(0, "GET", "system/role?filter=name%20starts%20with%20queue-&include_count=true");
    expect(found.body.resource).toHaveLength(names.length);
    expect((await ask(0, "DELETE", "system/role?filter=name%20starts%20with%20queue-&rollback=true")).status).toBe(200);
  }, 60_000);

  test("keeps the last administrator, whatever isolates do at the same time", async () => {
    const second = { name: "Second", email: "second@example.com", password: "another password for tests" };
    const { status, body } = await ask(0, "POST", "system/admin", { ...second, is_active: true });
    expect(status).toBe(201);
    const { resource } = (await ask(0, "GET", "system/admin")).body;
    const ids = resource.map(({ id }: { id: number }) => id).sort();
    expect(ids).toContain(body.id);
    const answers = await Promise.all(
      ids.map((id: number, index: number) => ask(index, "PATCH", `system/admin/${id}`, { is_active: false })),
    );
    expect(answers.filter((answer) => answer.status === 200).length).toBe(1);
  });

  test("is opened by an isolate that starts later with seven statements, of which four wait for another", async () => {
    const from = running.log().length;
    expect((await isolate(LATE).fetch("/api/v2/system/environment")).status).toBe(200);
    await until(async () => running.log().includes("token_revocation", from));
    expect(
      running
        .log()
        .slice(from)
        .match(/"service":"store"/g),
    ).toHaveLength(7);
  });

  test("opens with no other master secret", async () => {
    const answer = await isolate(STRANGER).fetch("/api/v2/system/environment");
    expect(answer.status).toBe(503);
    await until(async () => running.log().includes("MILLRACE_SECRET is not the one that this store was made with."));
  });
});
