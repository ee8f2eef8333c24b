import { scrypt as derive } from "node:crypto";

/** scrypt as each runtime has it under `node:crypto`: see `Runtime` in the contract. */
export function scrypt(password: string, salt: Uint8Array, cost: number): Promise<Uint8Array> {
  const options = { N: cost, r: 8, p: 1, maxmem: 128 * cost * 8 + 1024 * 1024 };
  return new Promise((resolve, reject) => {
    derive(password, salt, 32, options, (error, key) => (error ? reject(error) : resolve(new Uint8Array(key))));
  });
}
