import type { Call, Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { JsonObject } from "../../contract/json.ts";
import type { ServiceType } from "../../contract/service.ts";
import { describeConfig } from "../config.ts";
import type { SystemParts } from "./resource.ts";

/** `system/service_type`: the kinds of services, with the config that each takes. */
export function readServiceTypes(call: Call, { types }: SystemParts, name: string | undefined): Reply {
  if (name !== undefined) {
    const type = types.get(name);
    if (type === undefined) throw new Fault("not_found", `There is no service type '${name.slice(0, 64)}'.`);
    return { status: 200, content: { value: pick(describe(type), call) } };
  }
  const group = call.params.get("group")?.toLowerCase();
  const listed = [...types.values()].filter((type) => group === undefined || type.group.toLowerCase() === group);
  return { status: 200, content: { value: { resource: listed.map((type) => pick(describe(type), call)) } } };
}

function describe(type: ServiceType): JsonObject {
  const { name, label, group, description, singleton = false } = type;
  return { name, label, group, description, singleton, config_schema: describeConfig(type) };
}

function pick(entry: JsonObject, call: Call): JsonObject {
  const fields = call.params.get("fields");
  if (fields === undefined || fields === "" || fields === "*") return entry;
  const names = new Set(fields.split(",").map((name) => name.trim()));
  return Object.fromEntries(Object.entries(entry).filter(([name]) => names.has(name)));
}
