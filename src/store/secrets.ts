import { base64url } from "jose";
import { deriveKey } from "../lib/hkdf.ts";

/** Seals the secrets that the store keeps. `purpose` is bound to the text: sealed for one place, it opens in no other. */
export interface Vault {
  /** Gives `v1.` and the nonce and ciphertext in base64url; another text each time. */
  encrypt(text: string, purpose: string): Promise<string>;
  /** Raises an Error for the operator when the key is another one, or the sealed text was changed or moved. */
  decrypt(sealed: string, purpose: string): Promise<string>;
}

const INFO = "millrace vault v1";
const PREFIX = "v1.";
/** AES-GCM takes nonces of 96 bits (NIST SP 800-38D §8.2.2). */
const NONCE_BYTES = 12;

/** A vault whose key comes from the master secret. */
export async function openVault(masterSecret: string): Promise<Vault> {
  const bytes = await deriveKey(masterSecret, INFO);
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  return {
    encrypt: (text, purpose) => encrypt(key, text, purpose),
    decrypt: (sealed, purpose) => decrypt(key, sealed, purpose),
  };
}

async function encrypt(key: CryptoKey, text: string, purpose: string): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const ciphertext = await crypto.subtle.encrypt(algorithm(nonce, purpose), key, new TextEncoder().encode(text));
  const sealed = new Uint8Array(NONCE_BYTES + ciphertext.byteLength);
  sealed.set(nonce);
  sealed.set(new Uint8Array(ciphertext), NONCE_BYTES);
  return PREFIX + base64url.encode(sealed);
}

async function decrypt(key: CryptoKey, sealed: string, purpose: string): Promise<string> {
  const bytes = unwrap(sealed, purpose);
  const nonce = bytes.slice(0, NONCE_BYTES);
  try {
    const text = await crypto.subtle.decrypt(algorithm(nonce, purpose), key, bytes.slice(NONCE_BYTES));
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(text);
  } catch (cause) {
    const reason = "MILLRACE_SECRET is not the one that it was sealed with, or the stored text was changed";
    throw new Error(`The secret stored for '${purpose}' cannot be opened: ${reason}.`, { cause });
  }
}

function unwrap(sealed: string, purpose: string): Uint8Array<ArrayBuffer> {
  try {
    if (sealed.startsWith(PREFIX)) return new Uint8Array(base64url.decode(sealed.slice(PREFIX.length)));
  } catch {
    // Not base64url: told below, without the text, which may be a secret that was never sealed.
  }
  throw new Error(`The secret stored for '${purpose}' cannot be opened: it is not in the form that Millrace writes.`);
}

function algorithm(nonce: Uint8Array<ArrayBuffer>, purpose: string): AesGcmParams {
  return { name: "AES-GCM", iv: nonce, additionalData: new TextEncoder().encode(purpose) };
}
