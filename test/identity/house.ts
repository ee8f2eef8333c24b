import { scrypt } from "node:crypto";
import type { Runtime } from "../../src/contract/runtime.ts";
import type { AdminRecord, AppRecord, RoleRecord, Settings } from "../../src/contract/settings.ts";
import { digestOfKey } from "../../src/identity/digest.ts";

export const SECRET = "a master secret of more than 32 characters";
/** 2026-01-01T00:00:00Z in milliseconds, and in seconds. */
export const NOW = 1_767_225_600_000;
export const NOW_S = NOW / 1000;

export const ADMIN: AdminRecord = {
  id: 5,
  name: "Ada",
  username: "ada",
  firstName: "Ada",
  lastName: "L",
  email: "ada@example.com",
  isSysAdmin: true,
  lastLoginDate: null,
  isActive: true,
  tokensSince: 0,
};
export const ROLE: RoleRecord = { id: 7, name: "reader", isActive: true, access: [] };
export const APP: AppRecord = { id: 3, name: "site", isActive: true, roleId: ROLE.id };
export const API_KEY = "0123456789abcdef".repeat(4);

/** Settings with one admin, one role and one app, whose key is {@link API_KEY}. */
export async function settings(
  change: { admin?: Partial<AdminRecord>; role?: Partial<RoleRecord>; app?: Partial<AppRecord>; revoked?: string } = {},
): Promise<Settings> {
  const app = { ...APP, ...change.app };
  return {
    version: "1",
    services: new Map(),
    roles: new Map([[ROLE.id, { ...ROLE, ...change.role }]]),
    apps: new Map([[app.id, app]]),
    appsByKey: new Map([[await digestOfKey(API_KEY), app]]),
    admins: new Map([[ADMIN.id, { ...ADMIN, ...change.admin }]]),
    revokedTokens: new Set(change.revoked === undefined ? [] : [change.revoked]),
  };
}

/** A runtime that hashes, and keeps what it was asked. */
export class Hasher implements Pick<Runtime, "scrypt"> {
  readonly costs: number[] = [];
  running = 0;
  mostAtOnce = 0;

  async scrypt(password: string, salt: Uint8Array, cost: number): Promise<Uint8Array> {
    this.costs.push(cost);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.running);
    const hash = await nodeScrypt(password, salt, cost);
    this.running--;
    return hash;
  }
}

function nodeScrypt(password: string, salt: Uint8Array, cost: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const options = { N: cost, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
    scrypt(password, salt, 32, options, (error, hash) => (error === null ? resolve(hash) : reject(error)));
  });
}
