import { compactVerify, SignJWT } from "jose";
import * as v from "valibot";
import type { Session } from "../contract/principal.ts";
import type { AdminRecord } from "../contract/settings.ts";
import { deriveKey } from "../lib/hkdf.ts";
import { Lru } from "../lib/lru.ts";
import { badToken } from "./refusal.ts";

/** How long a session token is good for, in seconds. */
export const TOKEN_TTL_S = 1440 * 60;
/** How long after its issue a token can be exchanged for a new one, in seconds. An ended token must be remembered as long. */
export const REFRESH_WINDOW_S = 20_160 * 60;

/** What a session token says; times in seconds since 1970. */
export interface TokenClaims {
  readonly userId: number;
  readonly jti: string;
  readonly issuedAt: number;
  readonly notBefore: number;
  readonly expires: number;
  /** The `tokensSince` of the account, in milliseconds: a new password makes it another, and the token void. */
  readonly since: number;
}

/** What signs and checks session tokens, with those that were found good lately: a call need not pay for an HMAC each time. */
export interface TokenKey {
  readonly hmac: CryptoKey;
  readonly verified: Lru<string, TokenClaims>;
}

const INFO = "millrace session tokens";
const NAME = "millrace";
const HEADER = { alg: "HS256", typ: "JWT" } as const;
const REMEMBERED = 2000;
/** Nodes that share a store may disagree on the time by as much, in seconds. */
const CLOCK_SKEW_S = 30;

const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const Claims = v.pipe(
  v.object({
    iss: v.literal(NAME),
    aud: v.literal(NAME),
    sub: v.string(),
    user_id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
    iat: time,
    nbf: time,
    exp: time,
    since: time,
    jti: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  }),
  v.check((claims) => claims.sub === String(claims.user_id)),
  v.check((claims) => claims.exp > claims.iat && claims.exp - claims.iat <= TOKEN_TTL_S),
);

/** The key of session tokens that belongs to the master secret. */
export async function openTokenKey(masterSecret: string): Promise<TokenKey> {
  const bytes = await deriveKey(masterSecret, INFO);
  const hmac = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
    "verify",
  ]);
  return { hmac, verified: new Lru(REMEMBERED) };
}

/** Begins a session. `now` is in milliseconds, as `Date.now()` says it. */
export async function issueToken(
  { id: userId, tokensSince: since }: Pick<AdminRecord, "id" | "tokensSince">,
  key: TokenKey,
  now: number,
): Promise<Session> {
  const issued = toSeconds(now);
  const expires = issued + TOKEN_TTL_S;
  const id = crypto.randomUUID();
  const token = await new SignJWT({ user_id: userId, since })
    .setProtectedHeader(HEADER)
    .setIssuer(NAME)
    .setAudience(NAME)
    .setSubject(String(userId))
    .setIssuedAt(issued)
    .setNotBefore(issued)
    .setExpirationTime(expires)
    .setJti(id)
    .sign(key.hmac);
  return { id, token, expires, since };
}

/** What a token says, if it is ours and good at `now` (milliseconds). Raises `unauthenticated` in the same words for every defect. */
export async function verifyToken(token: string, key: TokenKey, now: number): Promise<TokenClaims> {
  const known = key.verified.get(token);
  const claims = known ?? (await readToken(token, key));
  if (!isCurrent(claims, now, claims.expires)) {
    key.verified.delete(token);
    throw badToken();
  }
  if (known === undefined) key.verified.set(token, claims);
  return claims;
}

/** Like {@link verifyToken}, but takes an expired token as long as it may be exchanged: {@link REFRESH_WINDOW_S} from its issue. */
export async function verifyForRefresh(token: string, key: TokenKey, now: number): Promise<TokenClaims> {
  const claims = await readToken(token, key);
  if (!isCurrent(claims, now, claims.issuedAt + REFRESH_WINDOW_S)) throw badToken();
  return claims;
}

function isCurrent(claims: TokenClaims, now: number, until: number): boolean {
  const second = toSeconds(now);
  return claims.notBefore <= second + CLOCK_SKEW_S && claims.issuedAt <= second + CLOCK_SKEW_S && second < until;
}

async function readToken(token: string, key: TokenKey): Promise<TokenClaims> {
  try {
    const { payload, protectedHeader } = await compactVerify(token, key.hmac, { algorithms: [HEADER.alg] });
    if (!isOurHeader(protectedHeader)) throw new Error("The header of the token is not one that Millrace writes.");
    const claims = v.parse(Claims, JSON.parse(new TextDecoder().decode(payload)));
    const { user_id: userId, jti, iat: issuedAt, nbf: notBefore, exp: expires, since } = claims;
    return { userId, jti, issuedAt, notBefore, expires, since };
  } catch (cause) {
    throw badToken(cause);
  }
}

/** Nothing in a header may choose a key: one with `kid`, `jku`, `jwk`, `x5u` or `crit` was not written here. */
function isOurHeader(header: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(header).length === 2 && header.alg === HEADER.alg && header.typ === HEADER.typ;
}

function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
