import * as v from "valibot";
import type { Call, Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { JsonObject } from "../../contract/json.ts";
import type { Person } from "../../contract/person.ts";
import type { Session } from "../../contract/principal.ts";
import { DatabaseError } from "../../db/errors.ts";
import { LoginAttempts } from "../../identity/attempts.ts";
import { verifyNothing, verifyPassword } from "../../identity/password.ts";
import { badToken } from "../../identity/refusal.ts";
import { issueToken, REFRESH_WINDOW_S } from "../../identity/token.ts";
import { validate } from "../../lib/validate.ts";
import type { Rows, SystemRow } from "../../store/rows.ts";
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

type Login = v.InferOutput<typeof LoginBody>;

/** Of all accounts, for the whole process: what an attacker tries here counts here. */
const attempts = new LoginAttempts(Date.now);

async function logIn(call: Call, parts: SystemParts): Promise<Reply> {
  const login = validate(LoginBody, call.body ?? {});
  const name = login.email ?? login.username;
  if (name === undefined) throw new Fault("bad_request", "A login needs 'email' or 'username', and 'password'.");
  const row = await attempts.run(name, () => checkLogin(login, parts));
  if (row === undefined) throw badLogin();
  await noteLogin(row, parts);
  const person = parts.store.settings.admins.get(Number(row.id));
  if (person === undefined) throw badLogin();
  const account = { id: person.id, tokensSince: Number(row.tokens_since) };
  return reply(describe({ person, session: await issueToken(account, parts.tokenKey, Date.now()) }, call));
}

/** The account, if the login is right. */
async function checkLogin(login: Login, parts: SystemParts): Promise<SystemRow | undefined> {
  const by: SystemRow = login.email !== undefined ? { email: login.email } : { username: login.username ?? null };
  const [row] = await parts.store.rows().read("user", { ...by, is_sys_admin: true });
  const isRight =
    row === undefined
      ? await verifyNothing(parts.runtime)
      : await verifyPassword(login.password, String(row.password), parts.runtime);
  return isRight && row?.is_active === true ? row : undefined;
}

/** Raises `unauthenticated` for an account that was changed while its password was checked: it may have a new one. */
async function noteLogin(checked: SystemRow, parts: SystemParts): Promise<void> {
  await parts.store.change(async (rows) => {
    const [row] = await rows.read("user", { id: checked.id ?? null, is_sys_admin: true, is_active: true });
    const isSame = row?.password === checked.password && row?.tokens_since === checked.tokens_since;
    if (!isSame) throw badLogin();
    await rows.update("user", { id: checked.id ?? null }, { last_login_date: now() });
  });
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
  const account = { id: person.id, tokensSince: session.since };
  return reply(describe({ person, session: await issueToken(account, parts.tokenKey, Date.now()) }, call));
}

async function logOut(call: Call, parts: SystemParts): Promise<Reply> {
  await revoke(demandSession(call).session, parts);
  return reply({ success: true });
}

/** Ends a token, once: of calls that end it at the same time the others are refused. */
async function revoke(session: Session, { store }: SystemParts): Promise<void> {
  try {
    await store.change((rows) => writeRevocation(session, rows));
  } catch (error) {
    throw error instanceof DatabaseError && error.kind === "unique" ? badToken(error) : error;
  }
}

/** An ended token is remembered for as long as it could still be exchanged for a new one. */
async function writeRevocation(session: Session, rows: Rows): Promise<void> {
  const second = Math.floor(Date.now() / 1000);
  const known = await rows.read("token_revocation");
  if (known.some((row) => row.jti === session.id)) throw badToken();
  for (const row of known) {
    if (Number(row.expires) < second) await rows.delete("token_revocation", { id: row.id ?? null });
  }
  await rows.insert("token_revocation", { jti: session.id, expires: second + REFRESH_WINDOW_S });
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
