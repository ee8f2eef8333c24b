import { Lru } from "../lib/lru.ts";

const KEY_BYTES = 32;

/** Digests of keys used lately: making one anew costs more than the rest of authentication. */
const recent = new Lru<string, string>(1000);
/** Longer texts are no keys of ours, and are not worth the memory. */
const LONGEST_REMEMBERED = 256;

/** The SHA-256 of an API key in hexadecimal: all that the store keeps of it. */
export async function digestOfKey(apiKey: string): Promise<string> {
  const known = recent.get(apiKey);
  if (known !== undefined) return known;
  const digest = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(apiKey))));
  if (apiKey.length <= LONGEST_REMEMBERED) recent.set(apiKey, digest);
  return digest;
}

/** A new API key: 256 random bits as 64 hexadecimal digits, the form that DreamFactory's keys have. */
export function newApiKey(): string {
  return hex(crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
