import * as v from "valibot";
import { Fault } from "../../contract/fault.ts";
import { checkNewPassword, hashPassword } from "../../identity/password.ts";
import { flag, wholeNumber } from "../../lib/schema.ts";
import { validate } from "../../lib/validate.ts";
import type { SystemRow } from "../../store/rows.ts";
import { definite, type SystemResource, shortText, type Write } from "./resource.ts";

const entries = {
  name: shortText,
  username: shortText,
  first_name: shortText,
  last_name: shortText,
  email: v.pipe(v.string(), v.trim(), v.toLowerCase(), v.email(), v.maxLength(255)),
  password: v.optional(v.pipe(v.string(), v.maxLength(1024))),
  is_active: v.optional(flag),
  phone: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(64)))),
  default_app_id: v.optional(v.nullable(wholeNumber())),
};

/** Administrators: users who may do everything. The last one that is active stays. */
export const adminResource: SystemResource = {
  name: "admin",
  table: "user",
  hidden: ["password", "tokens_since"],
  fixed: { is_sys_admin: true },
  nested: {},
  show: async (row) => row,
  async create(said, write) {
    const { password, ...row } = validate(v.object(entries), said);
    if (password === undefined) throw new Fault("bad_request", "Field 'password' is required.");
    const hashed = await newPassword(password, write);
    const name = row.name ?? row.first_name ?? row.email;
    return { row: { is_active: true, tokens_since: 0, ...definite(row), name, ...hashed } };
  },
  async update(said, stored, write) {
    const { password, ...row } = validate(v.partial(v.object(entries)), said);
    if (row.is_active === false) await demandAnother(stored.id ?? null, write);
    // Whoever knew the old password, or was switched off, has no session any more.
    const isCut = password !== undefined || row.is_active === false;
    const cut: SystemRow = isCut ? { tokens_since: Math.floor(Date.now() / 1000) + 1 } : {};
    const hashed = password === undefined ? {} : await newPassword(password, write);
    return { row: { ...definite(row), ...cut, ...hashed } };
  },
  beforeDelete: (stored, write) => demandAnother(stored.id ?? null, write),
};

async function newPassword(password: string, write: Write): Promise<SystemRow> {
  checkNewPassword(password);
  return { password: await hashPassword(password, write.parts.runtime) };
}

async function demandAnother(id: unknown, write: Write): Promise<void> {
  const admins = await write.rows.read("user", { is_sys_admin: true, is_active: true });
  if (admins.every((admin) => admin.id === id))
    throw new Fault("forbidden", "The last active administrator has to stay.");
}
