import { exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { issueToken, openTokenKey, type TokenKey, verifyForRefresh, verifyToken } from "../../src/identity/token.ts";
import { deriveKey } from "../../src/lib/hkdf.ts";
import { ADMIN, NOW, NOW_S, SECRET } from "./house.ts";

const GOOD = {
  iss: "millrace",
  aud: "millrace",
  sub: "5",
  user_id: 5,
  iat: NOW_S,
  nbf: NOW_S,
  exp: NOW_S + 3600,
  jti: "5e55",
  since: 0,
} satisfies JWTPayload;
const HEADER = { alg: "HS256", typ: "JWT" };
const DAY = 86_400;

let key: TokenKey;
let derived: Uint8Array;
beforeAll(async () => {
  key = await openTokenKey(SECRET);
  derived = await deriveKey(SECRET, "millrace session tokens");
});

function sign(payload: JWTPayload, header: Record<string, unknown> = {}, by: Uint8Array = derived): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ ...HEADER, ...header }).sign(by);
}

/** Both ways in refuse the token, in the same words that every other defect gets. */
async function expectRefused(token: string): Promise<void> {
  const refusal = {
    code: "unauthenticated",
    message: "The session token is not valid or has expired; please log in again.",
    headers: { "WWW-Authenticate": 'Bearer realm="Millrace"' },
    context: null,
  };
  await expect(verifyToken(token, key, NOW)).rejects.toMatchObject(refusal);
  await expect(verifyForRefresh(token, key, NOW)).rejects.toMatchObject(refusal);
}

function encode(value: unknown): string {
  return btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

test("The tokens that these attacks start from are good", async () => {
  expect(await verifyToken(await sign(GOOD), key, NOW)).toMatchObject({ userId: 5, jti: "5e55" });
});

describe("A token is refused whose header", () => {
  test("says alg none", async () => {
    await expectRefused(new UnsecuredJWT(GOOD).encode());
    const signature = (await sign(GOOD)).split(".")[2];
    for (const alg of ["none", "None", "NONE", ""])
      await expectRefused(`${encode({ ...HEADER, alg })}.${encode(GOOD)}.${signature}`);
  });

  test("says another HMAC than the pinned one", async () => {
    const long = new Uint8Array([...derived, ...derived]);
    await expectRefused(await sign(GOOD, { alg: "HS512" }, long));
    await expectRefused(await sign(GOOD, { alg: "HS384" }, long));
  });

  test("asks for a public key to be taken as the secret (key confusion)", async () => {
    const pair = await generateKeyPair("RS256");
    const publicKey = new TextEncoder().encode(await exportSPKI(pair.publicKey));
    await expectRefused(await sign(GOOD, {}, publicKey));
    await expectRefused(await new SignJWT(GOOD).setProtectedHeader({ alg: "RS256", typ: "JWT" }).sign(pair.privateKey));
  });

  test.each([
    { kid: "../../dev/null" },
    { kid: "' UNION SELECT 'x" },
    { jku: "https://evil.example/jwks.json" },
    { x5u: "https://evil.example/x.pem" },
    { jwk: { kty: "oct", k: "AAAA" } },
  ])("names a key of the attacker: %j", async (header) => {
    await expectRefused(await sign(GOOD, header, new Uint8Array(32)));
    await expectRefused(await sign(GOOD, header, derived));
  });

  test("is not of the type that was issued", async () => {
    await expectRefused(await sign(GOOD, { typ: "at+jwt" }));
    await expectRefused(await sign(GOOD, { cty: "JWT" }));
  });
});

describe("A token is refused that", () => {
  test("was signed with another master secret", async () => {
    const { token } = await issueToken(ADMIN, await openTokenKey(`${SECRET}!`), NOW);
    await expectRefused(token);
  });

  test("was signed with the master secret itself, or a key for another purpose", async () => {
    await expectRefused(await sign(GOOD, {}, new TextEncoder().encode(SECRET)));
    await expectRefused(await sign(GOOD, {}, await deriveKey(SECRET, "millrace vault v1")));
  });

  test("is truncated anywhere", async () => {
    const token = await sign(GOOD);
    const lengths = [0, 1, token.indexOf("."), token.lastIndexOf("."), token.lastIndexOf(".") + 1, token.length - 1];
    for (const length of lengths) await expectRefused(token.slice(0, length));
  });

  test("had its claims exchanged", async () => {
    const [header, , signature] = (await sign(GOOD)).split(".");
    await expectRefused(`${header}.${encode({ ...GOOD, user_id: 1, sub: "1" })}.${signature}`);
  });

  test.each([
    "",
    ".",
    "..",
    "a.b.c",
    "null",
    "Bearer x",
    "🔑.🔑.🔑",
    "a.b.c.d.e",
    "x".repeat(8192),
  ])("is no token at all: %s", async (token) => {
    await expectRefused(token);
  });
});

describe("A token with a good signature is refused when", () => {
  test.each(["someone", "Millrace", "", ["millrace"]])("its issuer is %j", async (iss) => {
    await expectRefused(await sign({ ...GOOD, iss } as JWTPayload));
  });

  test.each([
    { aud: "other" },
    { aud: ["millrace", "other"] },
    { aud: "" },
  ])("its audience is another: %j", async (aud) => {
    await expectRefused(await sign({ ...GOOD, ...aud }));
  });

  test("it has expired", async () => {
    const token = await sign({ ...GOOD, iat: NOW_S - 100, nbf: NOW_S - 100, exp: NOW_S });
    await expect(verifyToken(token, key, NOW)).rejects.toMatchObject({ code: "unauthenticated" });
  });

  test("it is not valid yet (nbf in the future)", async () => {
    await expectRefused(await sign({ ...GOOD, nbf: NOW_S + 60 }));
  });

  test("it was issued in the future", async () => {
    await expectRefused(await sign({ ...GOOD, iat: NOW_S + 60 }));
  });

  test("it would live longer than any token does (huge exp)", async () => {
    await expectRefused(await sign({ ...GOOD, exp: NOW_S + DAY + 1 }));
    await expectRefused(await sign({ ...GOOD, exp: Number.MAX_SAFE_INTEGER }));
    expect(await verifyToken(await sign({ ...GOOD, exp: NOW_S + DAY }), key, NOW)).toMatchObject({ userId: 5 });
  });

  test.each(["iss", "aud", "sub", "user_id", "iat", "nbf", "exp", "jti", "since"])("it lacks %s", async (claim) => {
    const { [claim]: _, ...rest } = GOOD as JWTPayload;
    await expectRefused(await sign(rest));
  });

  test.each([
    { user_id: "5" },
    { user_id: 5.5 },
    { user_id: 6 },
    { user_id: 0, sub: "0" },
    { exp: "9999999999" },
    { jti: "" },
    { since: "0" },
  ])("a claim is not what it must be: %j", async (claims) => {
    await expectRefused(await sign({ ...GOOD, ...claims } as JWTPayload));
  });
});
