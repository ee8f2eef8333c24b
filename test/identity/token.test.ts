import { beforeAll, describe, expect, test, vi } from "vitest";
import {
  issueToken,
  openTokenKey,
  REFRESH_WINDOW_S,
  TOKEN_TTL_S,
  type TokenKey,
  verifyForRefresh,
  verifyToken,
} from "../../src/identity/token.ts";
import { ADMIN, NOW, NOW_S, SECRET } from "./house.ts";

const EXPIRED = NOW + TOKEN_TTL_S * 1000;
const UNREFRESHABLE = NOW + REFRESH_WINDOW_S * 1000;
const refused = { code: "unauthenticated", headers: { "WWW-Authenticate": 'Bearer realm="Millrace"' } };

let key: TokenKey;
beforeAll(async () => {
  key = await openTokenKey(SECRET);
});

describe("a session token", () => {
  test("says who it was issued to, and for how long", async () => {
    const session = await issueToken(ADMIN, key, NOW);
    const claims = await verifyToken(session.token, key, NOW);
    expect(claims).toMatchObject({ userId: 5, jti: session.id, issuedAt: NOW_S, expires: NOW_S + 86_400 });
    expect(session.expires).toBe(claims.expires);
  });

  test("carries the claims that clients read, and nothing else", async () => {
    const { token, id } = await issueToken(ADMIN, key, NOW);
    const payload = JSON.parse(atob(token.split(".")[1] ?? ""));
    const times = { iat: NOW_S, nbf: NOW_S, exp: NOW_S + 86_400 };
    expect(payload).toEqual({ iss: "millrace", aud: "millrace", sub: "5", user_id: 5, jti: id, since: 0, ...times });
  });

  test("has an id of its own, even in the same second", async () => {
    const [first, second] = [await issueToken(ADMIN, key, NOW), await issueToken(ADMIN, key, NOW)];
    expect(first.id).not.toBe(second.id);
  });

  test("is good on another node with the same master secret", async () => {
    const { token } = await issueToken(ADMIN, key, NOW);
    expect(await verifyToken(token, await openTokenKey(SECRET), NOW)).toMatchObject({ userId: 5 });
  });

  test("is good on a node whose clock is some seconds behind", async () => {
    const { token } = await issueToken(ADMIN, key, NOW);
    expect(await verifyToken(token, key, NOW - 20_000)).toMatchObject({ userId: 5 });
  });

  test("expires to the second", async () => {
    const { token } = await issueToken(ADMIN, key, NOW);
    expect(await verifyToken(token, key, EXPIRED - 1)).toMatchObject({ userId: 5 });
    await expect(verifyToken(token, key, EXPIRED)).rejects.toMatchObject(refused);
  });

  test("is checked by its signature once, and by the clock each time", async () => {
    const { token } = await issueToken(ADMIN, key, NOW);
    const verify = vi.spyOn(crypto.subtle, "verify");
    await verifyToken(token, key, NOW);
    await verifyToken(token, key, NOW);
    expect(verify).toHaveBeenCalledTimes(1);
    await expect(verifyToken(token, key, EXPIRED)).rejects.toMatchObject(refused);
    verify.mockRestore();
  });
});

describe("a refresh", () => {
  test("takes a token that has expired, inside the window", async () => {
    const { token, id } = await issueToken(ADMIN, key, NOW);
    expect(await verifyForRefresh(token, key, EXPIRED)).toMatchObject({ jti: id });
    expect(await verifyForRefresh(token, key, UNREFRESHABLE - 1)).toMatchObject({ jti: id });
  });

  test("takes none after the window", async () => {
    const { token } = await issueToken(ADMIN, key, NOW);
    await expect(verifyForRefresh(token, key, UNREFRESHABLE)).rejects.toMatchObject(refused);
  });

  test("does not make an expired token good for anything else", async () => {
    const { token } = await issueToken(ADMIN, key, NOW);
    await verifyForRefresh(token, key, EXPIRED);
    await expect(verifyToken(token, key, EXPIRED)).rejects.toMatchObject(refused);
  });
});
