import { Fault } from "../contract/fault.ts";
import type { Principal } from "../contract/principal.ts";
import type { AdminRecord, AppRecord, RoleRecord, Settings } from "../contract/settings.ts";
import type { Credentials } from "./credentials.ts";
import { digestOfKey } from "./digest.ts";
import { badKey, badToken } from "./refusal.ts";
import { type TokenClaims, type TokenKey, verifyForRefresh, verifyToken } from "./token.ts";

export interface AuthenticationContext {
  readonly tokenKey: TokenKey;
  /** Milliseconds since 1970. */
  now(): number;
  /** The call exchanges its token for a new one, so an expired token still counts inside the refresh window. */
  readonly forRefresh?: boolean;
}

/** Who makes the call (contract §6). Raises `unauthenticated` for a credential that does not count, `forbidden` for an inactive app or role. */
export async function authenticate(
  credentials: Credentials,
  settings: Settings,
  context: AuthenticationContext,
): Promise<Principal> {
  const { apiKey, token } = credentials;
  const app = apiKey === undefined ? undefined : await appOf(apiKey, settings);
  if (token !== undefined) return adminOf(token, app, settings, context);
  return app === undefined ? { kind: "guest" } : { kind: "app", app, role: defaultRole(app, settings) };
}

async function appOf(apiKey: string, settings: Settings): Promise<AppRecord> {
  const app = settings.appsByKey.get(await digestOfKey(apiKey));
  if (app === undefined) throw badKey();
  if (!app.isActive) throw new Fault("forbidden", "The app of this API key is not active.");
  return app;
}

function defaultRole(app: AppRecord, settings: Settings): RoleRecord {
  const role = app.roleId === null ? undefined : settings.roles.get(app.roleId);
  if (role?.isActive) return role;
  throw new Fault("forbidden", "The app of this API key has no active role.");
}

async function adminOf(
  token: string,
  app: AppRecord | undefined,
  settings: Settings,
  context: AuthenticationContext,
): Promise<Principal> {
  const verify = context.forRefresh ? verifyForRefresh : verifyToken;
  const claims = await verify(token, context.tokenKey, context.now());
  const admin = settings.admins.get(claims.userId);
  if (admin === undefined || !mayUse(admin, claims, settings)) throw badToken();
  const session = { id: claims.jti, token, expires: claims.expires, since: claims.since };
  return { kind: "admin", person: admin, session, ...(app !== undefined && { app }) };
}

function mayUse(admin: AdminRecord, claims: TokenClaims, settings: Settings): boolean {
  return admin.isActive && claims.since === admin.tokensSince && !settings.revokedTokens.has(claims.jti);
}
