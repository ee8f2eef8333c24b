import { base64url } from "jose";
import { Fault } from "../contract/fault.ts";
import type { Runtime } from "../contract/runtime.ts";
import { Gate, GateFull, GateTimeout } from "../lib/gate.ts";

type Hasher = Pick<Runtime, "scrypt">;

interface StoredHash {
  readonly cost: number;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** N of scrypt: a hash takes 64 MiB and tens of milliseconds. */
const COST = 2 ** 16;
/** A stored hash that asks for more would be a way to exhaust the memory. */
const HIGHEST_COST = 2 ** 17;
const SALT_BYTES = 16;
/** Base64url takes four characters for three bytes, and does without padding: 16 bytes of salt, 32 of hash. */
const SALT_TEXT = 22;
const HASH_TEXT = 43;

/** How many characters a new password has at least, unless configured otherwise. */
const PASSWORD_LEAST = 16;
/** No configuration allows less. */
const PASSWORD_FLOOR = 8;

/** A flood of logins waits here, instead of taking 64 MiB for each; and not too many wait, as the last one would wait in vain. */
const gate = new Gate(2, 10_000, 20);

/** The text under which a password is stored: `scrypt$N$salt$hash`, salt and hash in base64url. */
export async function hashPassword(password: string, runtime: Hasher): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const hash = await scrypt(password, salt, COST, runtime);
  return `scrypt$${COST}$${base64url.encode(salt)}$${base64url.encode(hash)}`;
}

/** Whether the password is the one that was stored. Raises `unavailable` when too many are being checked. */
export async function verifyPassword(password: string, stored: string, runtime: Hasher): Promise<boolean> {
  const known = readStored(stored);
  if (known === undefined) {
    await verifyNothing(runtime);
    return false;
  }
  return sameBytes(await scrypt(password, known.salt, known.cost, runtime), known.hash);
}

/** Takes as long as checking a password does: an account that does not exist must not answer sooner than one that does. */
export async function verifyNothing(runtime: Hasher): Promise<void> {
  await scrypt("", new Uint8Array(SALT_BYTES), COST, runtime);
}

/** Raises `bad_request` when a new password is too short; `least` below {@link PASSWORD_FLOOR} counts as that. */
export function checkNewPassword(password: string, least: number = PASSWORD_LEAST): void {
  const needed = Math.max(PASSWORD_FLOOR, least);
  const length = [...password.normalize("NFKC")].length;
  if (length < needed) throw new Fault("bad_request", `A password must have at least ${needed} characters.`);
}

/** Normalised, so that a password typed on another keyboard or system is the same one (NIST SP 800-63B §5.1.1.2). */
async function scrypt(password: string, salt: Uint8Array, cost: number, runtime: Hasher): Promise<Uint8Array> {
  try {
    return await gate.run(() => runtime.scrypt(password.normalize("NFKC"), salt, cost));
  } catch (error) {
    if (!(error instanceof GateTimeout || error instanceof GateFull)) throw error;
    const detail = { headers: { "Retry-After": "10" }, cause: error };
    throw new Fault(
      "unavailable",
      "Too many passwords are being checked at the moment; please try again later.",
      detail,
    );
  }
}

function readStored(stored: string): StoredHash | undefined {
  const [, digits, salt, hash] = /^scrypt\$(\d+)\$([\w-]+)\$([\w-]+)$/.exec(stored) ?? [];
  const cost = Number(digits);
  if (salt?.length !== SALT_TEXT || hash?.length !== HASH_TEXT || !isCost(cost)) return undefined;
  return { cost, salt: base64url.decode(salt), hash: base64url.decode(hash) };
}

/** N has to be a power of two (RFC 7914 §2). */
function isCost(cost: number): boolean {
  return cost >= 2 && cost <= HIGHEST_COST && (cost & (cost - 1)) === 0;
}

/** Looks at every byte, so that the time taken does not tell how many were right. */
function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  let difference = left.length ^ right.length;
  left.forEach((byte, at) => {
    difference |= byte ^ (right[at] ?? 0);
  });
  return difference === 0;
}
