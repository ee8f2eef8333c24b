import { Fault } from "../contract/fault.ts";
import type { ServiceHost } from "../contract/service.ts";

interface Configured {
  readonly hyperdrive?: string | undefined;
  readonly dsn?: string | undefined;
}

/** The config with the address that a Hyperdrive binding gives, if it names one. Raises `bad_request` when there is none of that name. */
export function withHyperdrive<C extends Configured>(config: C, host: Pick<ServiceHost, "binding">): C {
  const { hyperdrive } = config;
  if (!hyperdrive) return config;
  const binding = host.binding?.(hyperdrive);
  if (!isHyperdrive(binding))
    throw new Fault("bad_request", `There is no Hyperdrive binding '${hyperdrive.slice(0, 64)}' here.`);
  return { ...config, dsn: binding.connectionString };
}

function isHyperdrive(binding: unknown): binding is { readonly connectionString: string } {
  return typeof (binding as { connectionString?: unknown } | null | undefined)?.connectionString === "string";
}
