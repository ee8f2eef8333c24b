import type { JsonObject } from "../../contract/json.ts";
import type { Runtime } from "../../contract/runtime.ts";
import { SYSTEM_TYPE } from "../../contract/service.ts";
import { DatabaseError } from "../../db/errors.ts";
import { digestOfKey, newApiKey } from "../../identity/digest.ts";
import { hashPassword } from "../../identity/password.ts";
import type { Rows, SystemRow } from "../../store/rows.ts";
import type { Store } from "../../store/store.ts";

/** What a first start has to tell the person who started it; nothing of it can be read again later. */
export interface FirstStart {
  readonly admin?: { readonly email: string; readonly password?: string };
  readonly sampleKey?: string;
}

/** The service that serves the sample. */
export interface SampleService {
  readonly type: string;
  readonly config: JsonObject;
}

export interface FirstStartOptions {
  readonly adminEmail: string | undefined;
  readonly adminPassword: string | undefined;
  /** Makes the sample database, and tells how it is served; `undefined` = no sample. */
  readonly sample: (() => Promise<SampleService>) | undefined;
  /** The API key of the sample; without it one is made up. */
  readonly sampleKey?: string | undefined;
}

/** Fills what a store must have: the system service, an administrator, and in a new one perhaps the sample. All of it or nothing. */
export async function firstStart(store: Store, runtime: Runtime, options: FirstStartOptions): Promise<FirstStart> {
  const isNew = !store.settings.services.has("system");
  const admin = store.settings.admins.size === 0 ? await newAdmin(runtime, options) : undefined;
  const sample = isNew && options.sample ? await newSample(options.sample, options.sampleKey) : undefined;
  if (!isNew && admin === undefined) return {};
  return onceAmongNodes(store, async (rows) => {
    if (isNew) await rows.insert("service", systemService());
    const isAdminMade = admin !== undefined && (await insertFirstAdmin(rows, admin.row));
    if (sample) await insertSample(rows, sample);
    return { ...(isAdminMade && { admin: admin.told }), ...(sample && { sampleKey: sample.apiKey }) };
  });
}

/** Of nodes that start at once one is the first; the others find the rows there, which is as good. */
async function onceAmongNodes(store: Store, insert: (rows: Rows) => Promise<FirstStart>): Promise<FirstStart> {
  try {
    return await store.change(insert);
  } catch (error) {
    if (!(error instanceof DatabaseError && error.kind === "unique")) throw error;
    await store.reload();
    return {};
  }
}

/** Another node may have made one, of another e-mail address, since the settings were read. */
async function insertFirstAdmin(rows: Rows, row: SystemRow): Promise<boolean> {
  if ((await rows.read("user", { is_sys_admin: true })).length > 0) return false;
  await rows.insert("user", row);
  return true;
}

function systemService() {
  return {
    name: "system",
    label: "System",
    description: "The settings of this Millrace.",
    is_active: true,
    type: SYSTEM_TYPE,
    mutable: false,
    deletable: false,
    config: "{}",
  };
}

async function newAdmin(runtime: Runtime, { adminEmail, adminPassword }: FirstStartOptions) {
  const email = adminEmail ?? "admin@example.com";
  const password = adminPassword ?? newApiKey().slice(0, 24);
  const row = {
    name: "Administrator",
    email,
    password: await hashPassword(password, runtime),
    tokens_since: Date.now(),
    is_active: true,
    is_sys_admin: true,
  };
  return { row, told: adminPassword === undefined ? { email, password } : { email } };
}

async function newSample(make: () => Promise<SampleService>, apiKey = newApiKey()) {
  return { service: await make(), apiKey };
}

/** Readers may look at everything in the sample, and change nothing. */
async function insertSample(rows: Rows, { service, apiKey }: Awaited<ReturnType<typeof newSample>>): Promise<void> {
  const serviceId = await rows.insert("service", {
    name: "db",
    label: "Sample",
    description: "A small company to try things on.",
    is_active: true,
    type: service.type,
    mutable: true,
    deletable: true,
    config: JSON.stringify(service.config),
  });
  const roleId = await rows.insert("role", {
    name: "sample-reader",
    description: "May read the sample.",
    is_active: true,
  });
  await rows.insert("role_service_access", {
    role_id: roleId,
    service_id: serviceId,
    component: "*",
    verb_mask: 1,
    requestor_mask: 3,
  });
  const prefix = apiKey.slice(0, 8);
  const appId = await rows.insert("app", {
    name: "sample",
    description: "Reads the sample.",
    is_active: true,
    type: 0,
    role_id: roleId,
    api_key: `${prefix}…`,
  });
  await rows.insert("api_key", { app_id: appId, prefix, digest: await digestOfKey(apiKey), is_active: true });
}
