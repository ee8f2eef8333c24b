import type { Json } from "../contract/json.ts";
import type { Principal } from "../contract/principal.ts";

/** The value of a lookup such as `user.id` for the caller, or `undefined` when there is none. */
export function lookupOf(principal: Principal, name: string): Json | undefined {
  const values = VALUES[principal.kind](principal as never);
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

type Kind = Principal["kind"];
type Values = Readonly<Record<string, Json | undefined>>;

const VALUES: { readonly [K in Kind]: (principal: Extract<Principal, { kind: K }>) => Values } = {
  guest: () => ({}),
  app: ({ app, role }) => ({ "app.id": app.id, "app.name": app.name, "role.id": role.id, "role.name": role.name }),
  admin: ({ person, session, app }) => ({
    "user.id": person.id,
    "user.name": person.name,
    "user.username": person.username,
    "user.first_name": person.firstName,
    "user.last_name": person.lastName,
    "user.email": person.email,
    "user.is_sys_admin": person.isSysAdmin,
    "session.id": session.id,
    "app.id": app?.id,
    "app.name": app?.name,
  }),
};
