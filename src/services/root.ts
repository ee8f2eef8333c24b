import type { Call, Reply } from "../contract/call.ts";
import { Fault } from "../contract/fault.ts";
import type { JsonObject } from "../contract/json.ts";
import type { ServiceRecord } from "../contract/settings.ts";
import { Options } from "../db/options.ts";
import { pick } from "./pick.ts";
import type { ServiceTypes } from "./pool.ts";

/** GET of the root of the API: the services that the caller sees, and the types there are. */
export function listServices(call: Call, seen: readonly ServiceRecord[], types: ServiceTypes): Reply {
  if (call.verb !== "GET") {
    throw new Fault("method_not_allowed", `The verb ${call.verb} is not served here.`, { headers: { Allow: "GET" } });
  }
  const group = call.params.get("group")?.toLowerCase();
  const type = call.params.get("type")?.toLowerCase();
  const fields = new Options(call.params, call.body, call.verb).list("fields");
  const services = seen.filter(
    (each) =>
      (type === undefined || each.type === type) &&
      (group === undefined || types.get(each.type)?.group.toLowerCase() === group),
  );
  const value = {
    services: services.map((service) => pick(describe(service), fields)),
    service_types: typesOf(services, types),
  };
  return { status: 200, content: { value } };
}

function describe({ id, name, label, description, type }: ServiceRecord): JsonObject {
  return { id, name, label, description, type };
}

function typesOf(services: readonly ServiceRecord[], types: ServiceTypes): readonly JsonObject[] {
  const used = new Set(services.map((service) => service.type));
  return [...types.values()]
    .filter((type) => used.has(type.name))
    .map(({ name, label, group, description }) => ({ name, label, group, description }));
}
