import * as v from "valibot";
import type { Call, Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { JsonObject } from "../../contract/json.ts";
import type { Person } from "../../contract/person.ts";
import type { Session } from "../../contract/principal.ts";
import { verifyNothing, verifyPassword } from "../../identity/password.ts";
import { issueToken, REFRESH_WINDOW_S } from "../../identity/token.ts";
import { validate } from "../../lib/validate.ts";
import type { SystemRow } from "../../store/rows.ts";
import { now } from "./clock.ts";
import type { SystemParts } from "./resource.ts";

/** `system/admin/session`: log in, look, refresh, log out. */
export function handleSession(call: Call, parts: SystemParts): Promise<Reply> {
  switch (call.verb) {
    case "POST":
      return logIn(call, parts);
    case "GET":
      return Promise.resolve(reply(describe(demandSession(call), call)));
    case "PUT":
      return refresh(call, parts);
    case "DELETE":
      return logOut(call, parts);
    default:
      throw new Fault("method_not_allowed", `The verb ${call.verb} is not served here.`, {
        headers: { Allow: "GET, POST, PUT, DELETE" },
      });
  }
}

const LoginBody = v.object({
  email: v.optional(v.pipe(v.string(), v.trim(), v.toLowerCase())),
  username: v.optional(v.pipe(v.string(), v.trim())),
  password: v.pipe(v.string(), v.maxLength(1024)),
});

async function logIn(call: Call, parts: SystemParts): Promise<Reply> {
  const login = validate(LoginBody, call.body ?? {});
  const row = await findAccount(login, parts);
  const isRight =
    row === undefined
      ? await verifyNothing(parts.runtime)
      : await verifyPassword(login.password, String(row.password), parts.runtime);
  if (row === undefined || !isRight || row.is_active !== true) throw badLogin();
  await parts.store.rows().update("user", { id: row.id ?? null }, { last_login_date: now() });
  const person = parts.store.settings.admins.get(Number(row.id));
  if (person === undefined) throw badLogin();
  return reply(describe({ person, session: await issueToken(person, parts.tokenKey, Date.now()) }, call));
}

async function findAccount(login: v.InferOutput<typeof LoginBody>, parts: SystemParts): Promise<SystemRow | undefined> {
  const { email, username } = login;
  if (email === undefined && username === undefined)
    throw new Fault("bad_request", "A login needs 'email' or 'username', and 'password'.");
  const by: SystemRow = email !== undefined ? { email } : { username: username ?? null };
  const [row] = await parts.store.rows().read("user", { ...by, is_sys_admin: true });
  return row;
}

/** In the same words for an unknown account, a wrong password and an account that was switched off. */
function badLogin(): Fault {
  return new Fault("unauthenticated", "Invalid credentials supplied.", {
    headers: { "WWW-Authenticate": 'Bearer realm="Millrace"' },
  });
}

interface LoggedIn {
  readonly person: Person;
  readonly session: Session;
}

function demandSession({ principal }: Call): LoggedIn {
  if (principal.kind === "admin") return principal;
  throw new Fault("unauthenticated", "There is no session.", {
    headers: { "WWW-Authenticate": 'Bearer realm="Millrace"' },
  });
}

async function refresh(call: Call, parts: SystemParts): Promise<Reply> {
  const { person, session } = demandSession(call);
  await revoke(session, parts);
  return reply(describe({ person, session: await issueToken(person, parts.tokenKey, Date.now()) }, call));
}

async function logOut(call: Call, parts: SystemParts): Promise<Reply> {
  await revoke(demandSession(call).session, parts);
  return reply({ success: true });
}

/** An ended token is remembered for as long as it could still be exchanged for a new one. */
async function revoke(session: Session, { store }: SystemParts): Promise<void> {
  const second = Math.floor(Date.now() / 1000);
  await store.change(async (rows) => {
    const [known] = await rows.read("token_revocation", { jti: session.id });
    for (const row of await rows.read("token_revocation")) {
      if (Number(row.expires) < second) await rows.delete("token_revocation", { id: row.id ?? null });
    }
    if (known === undefined)
      await rows.insert("token_revocation", { jti: session.id, expires: second + REFRESH_WINDOW_S });
  });
}

function describe({ person, session }: LoggedIn, call: Call): JsonObject {
  return {
    session_token: session.token,
    session_id: session.id,
    id: person.id,
    name: person.name,
    first_name: person.firstName,
    last_name: person.lastName,
    email: person.email,
    is_sys_admin: person.isSysAdmin,
    last_login_date: person.lastLoginDate,
    host: call.host,
    token_expiry_date: new Date(session.expires * 1000).toISOString(),
  };
}

function reply(value: JsonObject): Reply {
  return { status: 200, content: { value } };
}
