import { beforeAll, describe, expect, test } from "vitest";
import type { Principal, Session } from "../../src/contract/principal.ts";
import type { Settings } from "../../src/contract/settings.ts";
import { authenticate } from "../../src/identity/authenticate.ts";
import type { Credentials } from "../../src/identity/credentials.ts";
import { issueToken, openTokenKey, TOKEN_TTL_S, type TokenKey } from "../../src/identity/token.ts";
import { ADMIN, API_KEY, APP, NOW, ROLE, SECRET, settings } from "./house.ts";

const badKey = { status: 401, headers: { "WWW-Authenticate": 'ApiKey realm="Millrace"' } };
const badToken = { status: 401, headers: { "WWW-Authenticate": 'Bearer realm="Millrace"' } };
const forbidden = { status: 403, code: "forbidden" };

let tokenKey: TokenKey;
let session: Session;
let token: string;
beforeAll(async () => {
  tokenKey = await openTokenKey(SECRET);
  session = await issueToken(ADMIN, tokenKey, NOW);
  token = session.token;
});

async function who(credentials: Credentials, known?: Settings, at = NOW, forRefresh = false): Promise<Principal> {
  return authenticate(credentials, known ?? (await settings()), { tokenKey, now: () => at, forRefresh });
}

describe("a caller with neither key nor session", () => {
  test("is a guest", async () => {
    expect(await who({})).toEqual({ kind: "guest" });
  });
});

describe("a caller with a key", () => {
  test("is its app, with the app's default role", async () => {
    expect(await who({ apiKey: API_KEY })).toEqual({ kind: "app", app: APP, role: ROLE });
  });

  test.each([
    "unknown",
    `${API_KEY} `,
    API_KEY.toUpperCase(),
    API_KEY.slice(1),
  ])("that is not exactly one of ours is refused: %s", async (apiKey) => {
    await expect(who({ apiKey })).rejects.toMatchObject(badKey);
    await expect(who({ apiKey, token })).rejects.toMatchObject(badKey);
  });

  test("that is the digest of a key is refused", async () => {
    const [digest = ""] = (await settings()).appsByKey.keys();
    await expect(who({ apiKey: digest })).rejects.toMatchObject(badKey);
  });

  test("of an inactive app is denied", async () => {
    const inactive = await settings({ app: { isActive: false } });
    await expect(who({ apiKey: API_KEY }, inactive)).rejects.toMatchObject(forbidden);
    await expect(who({ apiKey: API_KEY, token }, inactive)).rejects.toMatchObject(forbidden);
  });

  test.each([
    ["has no role", { app: { roleId: null } }],
    ["has a role that is gone", { app: { roleId: 99 } }],
    ["has an inactive role", { role: { isActive: false } }],
  ])("is denied when its app %s", async (_, change) => {
    await expect(who({ apiKey: API_KEY }, await settings(change))).rejects.toMatchObject(forbidden);
  });
});

describe("a caller with an admin's session", () => {
  test("is the admin, with or without a key", async () => {
    expect(await who({ token })).toEqual({ kind: "admin", person: ADMIN, session });
    expect(await who({ token, apiKey: API_KEY })).toEqual({ kind: "admin", person: ADMIN, session, app: APP });
  });

  test("needs no role of the app", async () => {
    const roleless = await settings({ app: { roleId: null } });
    expect(await who({ token, apiKey: API_KEY }, roleless)).toMatchObject({ kind: "admin" });
  });

  test.each([
    ["it was ended", () => ({ revoked: session.id })],
    ["the admin is inactive", () => ({ admin: { isActive: false } })],
    ["the admin's tokens were all voided since", () => ({ admin: { tokensSince: NOW + 1 } })],
  ])("is refused when %s, for a refresh too", async (_, change) => {
    await who({ token });
    const known = await settings(change());
    await expect(who({ token }, known)).rejects.toMatchObject(badToken);
    await expect(who({ token }, known, NOW, true)).rejects.toMatchObject(badToken);
  });

  test("is refused when the admin is unknown, whatever the key", async () => {
    const known = { ...(await settings()), admins: new Map() };
    await expect(who({ token }, known)).rejects.toMatchObject(badToken);
    await expect(who({ token, apiKey: API_KEY }, known)).rejects.toMatchObject(badToken);
  });

  test("does not fall back to the key when the token is bad", async () => {
    await expect(who({ token: `${token}x`, apiKey: API_KEY })).rejects.toMatchObject(badToken);
  });

  test("is refused once the password is another, however soon, and counts at once under the new one", async () => {
    const changed = { tokensSince: NOW };
    const known = await settings({ admin: changed });
    await expect(who({ token }, known)).rejects.toMatchObject(badToken);
    const fresh = await issueToken({ ...ADMIN, ...changed }, tokenKey, NOW);
    expect(await who({ token: fresh.token }, known)).toMatchObject({ kind: "admin" });
  });

  test("is refused to whoever has the id of an account that is gone", async () => {
    const successor = await settings({ admin: { tokensSince: NOW - 1 } });
    await expect(who({ token }, successor)).rejects.toMatchObject(badToken);
  });

  test("may be past its end only to be refreshed", async () => {
    const later = NOW + TOKEN_TTL_S * 1000;
    await expect(who({ token }, undefined, later)).rejects.toMatchObject(badToken);
    expect(await who({ token }, undefined, later, true)).toMatchObject({ kind: "admin", session: { id: session.id } });
  });
});
