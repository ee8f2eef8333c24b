import * as v from "valibot";
import type { Call, Reply, Verb } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import { type Access, type Service, type ServiceType, SYSTEM_TYPE } from "../../contract/service.ts";
import { DatabaseError, faultOf } from "../../db/errors.ts";
import { Options } from "../../db/options.ts";
import { labelOf } from "../../lib/words.ts";
import { adminResource } from "./admin.ts";
import { appResource } from "./app.ts";
import { readEnvironment } from "./environment.ts";
import { readResource } from "./read.ts";
import type { SystemParts, SystemResource } from "./resource.ts";
import { roleResource } from "./role.ts";
import { serviceResource } from "./service.ts";
import { readServiceTypes } from "./service-type.ts";
import { handleSession } from "./session.ts";
import { resourceCall, resourceTable } from "./table.ts";
import { createRows, deleteRows, updateRows } from "./write.ts";

const TABLES: readonly SystemResource[] = [serviceResource, roleResource, appResource, adminResource];

interface Handling {
  readonly call: Call;
  readonly access: Access;
  readonly parts: SystemParts;
  /** The path below the resource. */
  readonly below: readonly string[];
}

type Handler = (on: Handling) => Promise<Reply> | Reply;

const RESOURCES: Readonly<Record<string, Handler>> = {
  ...Object.fromEntries(TABLES.map((resource) => [resource.name, tableHandler(resource)])),
  service_type: atMost(1, ({ call, parts, below }) => only(call, "GET", () => readServiceTypes(call, parts, below[0]))),
  environment: atMost(0, ({ call, parts }) => only(call, "GET", () => readEnvironment(call, parts))),
  cache: atMost(1, (on) => only(on.call, "DELETE", () => clearCache(on))),
};

/** The handler for paths of so many segments below the resource; what is deeper does not exist. */
function atMost(depth: number, handle: Handler): Handler {
  return (on) => {
    const surplus = on.below[depth];
    if (surplus !== undefined) throw notFound(on.call, surplus);
    return handle(on);
  };
}

/** The system API: Millrace's own settings, as resources. */
export function systemServiceType(parts: () => SystemParts): ServiceType {
  return {
    name: SYSTEM_TYPE,
    label: "System",
    group: "System",
    description: "Services, roles, apps and administrators of this Millrace.",
    singleton: true,
    config: v.object({}),
    open: async () => new SystemService(parts()),
  };
}

class SystemService implements Service {
  readonly #parts: SystemParts;

  constructor(parts: SystemParts) {
    this.#parts = parts;
  }

  async handle(call: Call, access: Access): Promise<Reply> {
    const [name, ...below] = call.path;
    if (name === undefined) return only(call, "GET", () => listResources(call, access));
    const handler = Object.hasOwn(RESOURCES, name) ? RESOURCES[name] : undefined;
    if (handler === undefined) throw notFound(call, name);
    try {
      return await handler({ call, access, parts: this.#parts, below });
    } catch (error) {
      throw error instanceof DatabaseError ? faultOf(error, call.service) : error;
    }
  }

  async test(): Promise<void> {}

  async refresh(): Promise<void> {}

  async close(): Promise<void> {}
}

function tableHandler(resource: SystemResource): Handler {
  return ({ call, access, parts, below }) => {
    const [id, ...deeper] = below;
    if (resource.name === "admin" && id === "session" && deeper.length === 0) return handleSession(call, parts);
    if (deeper[0] !== undefined) throw notFound(call, deeper[0]);
    const asked = resourceCall(resourceTable(resource, parts), call, access);
    switch (call.verb) {
      case "GET":
        return readResource(asked, id);
      case "POST":
        if (id !== undefined) throw new Fault("bad_request", "A record is created without an identifier in the path.");
        return createRows(asked);
      case "DELETE":
        return deleteRows(asked, id);
      default:
        return updateRows(asked, id);
    }
  };
}

async function clearCache({ call, parts, below }: Handling): Promise<Reply> {
  const [name] = below;
  const record = name === undefined ? undefined : parts.store.settings.services.get(name.toLowerCase());
  if (name !== undefined && record === undefined) throw notFound(call, name);
  await parts.services.refresh(record);
  return { status: 200, content: { value: { success: true } } };
}

function listResources(call: Call, access: Access): Reply {
  const names = Object.keys(RESOURCES).filter((name) => access.verbs([name]) !== 0);
  const options = new Options(call.params, call.body, call.verb);
  if (options.flag("as_access_list")) {
    return {
      status: 200,
      content: { value: { resource: ["", "*", ...names.flatMap((name) => [`${name}/`, `${name}/*`])] } },
    };
  }
  const resource = options.flag("as_list") ? names : names.map((name) => ({ name, label: labelOf(name) }));
  return { status: 200, content: { value: { resource } } };
}

function only<T>(call: Call, verb: Verb, handle: () => T): T {
  if (call.verb === verb) return handle();
  throw new Fault("method_not_allowed", `The verb ${call.verb} is not served here.`, { headers: { Allow: verb } });
}

function notFound(call: Call, name: string): Fault {
  return new Fault("not_found", `Resource '${name.slice(0, 64)}' not found for service '${call.service}'.`);
}
