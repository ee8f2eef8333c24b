const KEY_BYTES = 32;

/** 32 bytes for one purpose, `info`, from the master secret: HKDF with SHA-256 (RFC 5869) and no salt. */
export async function deriveKey(masterSecret: string, info: string): Promise<Uint8Array<ArrayBuffer>> {
  const utf8 = new TextEncoder();
  const material = await crypto.subtle.importKey("raw", utf8.encode(masterSecret), "HKDF", false, ["deriveBits"]);
  const algorithm = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8.encode(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, material, KEY_BYTES * 8));
}
