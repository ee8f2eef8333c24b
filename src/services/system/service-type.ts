import type { Call, Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { JsonObject } from "../../contract/json.ts";
import { RUNTIMES } from "../../contract/runtime.ts";
import type { ServiceType } from "../../contract/service.ts";
import { Options } from "../../db/options.ts";
import { describeConfig } from "../config.ts";
import { pick } from "../pick.ts";
import type { SystemParts } from "./resource.ts";

/** `system/service_type`: the kinds of services, with the config that each takes. */
export function readServiceTypes(call: Call, { types }: SystemParts, name: string | undefined): Reply {
  const fields = new Options(call.params, call.body, call.verb).list("fields");
  if (name !== undefined) {
    const type = types.get(name);
    if (type === undefined) throw new Fault("not_found", `There is no service type '${name.slice(0, 64)}'.`);
    return { status: 200, content: { value: pick(describe(type), fields) } };
  }
  const group = call.params.get("group")?.toLowerCase();
  const listed = [...types.values()].filter((type) => group === undefined || type.group.toLowerCase() === group);
  return { status: 200, content: { value: { resource: listed.map((type) => pick(describe(type), fields)) } } };
}

function describe(type: ServiceType): JsonObject {
  const { name, label, group, description, singleton = false, absent = {} } = type;
  const runtimes = RUNTIMES.filter((runtime) => absent[runtime] === undefined);
  return { name, label, group, description, singleton, runtimes, config_schema: describeConfig(type) };
}
