import { describe, expect, test } from "vitest";
import type { Call } from "../../src/contract/call.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import { issueToken, openTokenKey } from "../../src/identity/token.ts";
import { adminResource } from "../../src/services/system/admin.ts";
import type { SystemParts, Write } from "../../src/services/system/resource.ts";
import { handleSession } from "../../src/services/system/session.ts";
import { ADMIN, Hasher, SECRET } from "../identity/house.ts";

/** A store that knows of ended tokens alone. */
async function setUp(insert?: () => never) {
  const ended: { jti: string }[] = [];
  const rows = {
    read: async () => [...ended],
    insert: insert ?? (async (_: string, row: { jti: string }) => ended.push(row)),
    delete: async () => 1,
  };
  const tokenKey = await openTokenKey(SECRET);
  const store = { change: (work: (each: unknown) => Promise<unknown>) => work(rows) };
  const session = await issueToken(ADMIN, tokenKey, Date.now());
  const call = { verb: "PUT", principal: { kind: "admin", person: ADMIN, session } } as unknown as Call;
  return () => handleSession(call, { store, tokenKey } as unknown as SystemParts);
}

describe("a token", () => {
  test("that was let in twice is exchanged once", async () => {
    const refresh = await setUp();
    expect((await refresh()).status).toBe(200);
    await expect(refresh()).rejects.toMatchObject({ status: 401 });
  });

  test("that another node ends at this moment is not exchanged", async () => {
    const refresh = await setUp(() => {
      throw new DatabaseError("unique");
    });
    await expect(refresh()).rejects.toMatchObject({ status: 401 });
  });
});

describe("a new administrator", () => {
  test("takes no token of one who had the same id before", async () => {
    const began = Date.now();
    const said = { email: "a@example.com", password: "long enough to be good" };
    const { row } = await adminResource.create(said, { parts: { runtime: new Hasher() } } as unknown as Write);
    expect(Number(row.tokens_since)).toBeGreaterThanOrEqual(began);
  });
});
