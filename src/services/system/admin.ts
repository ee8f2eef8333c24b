import * as v from "valibot";
import { Fault } from "../../contract/fault.ts";
import { checkNewPassword, hashPassword } from "../../identity/password.ts";
import { flag, wholeNumber } from "../../lib/schema.ts";
import { validate } from "../../lib/validate.ts";
import type { Rows, SystemRow } from "../../store/rows.ts";
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
  writeOnly: ["password"],
  show: async (row) => row,
  async create(said, write) {
    const { password, ...row } = validate(v.object(entries), said);
    if (password === undefined) throw new Fault("bad_request", "Field 'password' is required.");
    const hashed = await newPassword(password, write);
    const name = row.name ?? row.first_name ?? row.email;
    return { row: { is_active: true, tokens_since: Date.now(), ...definite(row), name, ...hashed } };
  },
  async update(said, stored, write) {
    const { password, ...row } = validate(v.partial(v.object(entries)), said);
    // Whoever knew the old password, or was switched off, has no session any more.
    const isCut = password !== undefined || row.is_active === false;
    const cut: SystemRow = isCut ? { tokens_since: Math.max(Date.now(), Number(stored.tokens_since) + 1) } : {};
    const hashed = password === undefined ? {} : await newPassword(password, write);
    return { row: { ...definite(row), ...cut, ...hashed } };
  },
  check: demandOne,
};

async function newPassword(password: string, write: Write): Promise<SystemRow> {
  checkNewPassword(password);
  return { password: await hashPassword(password, write.parts.runtime) };
}

async function demandOne(rows: Rows): Promise<void> {
  const admins = await rows.read("user", { is_sys_admin: true, is_active: true });
  if (admins.length === 0) throw new Fault("forbidden", "The last active administrator has to stay.");
}
