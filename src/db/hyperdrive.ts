import { Fault } from "../contract/fault.ts";
import type { ServiceHost } from "../contract/service.ts";

interface Configured {
  readonly hyperdrive?: string | undefined;
  readonly dsn?: string | undefined;
}

/** What of a config must not go where a binding leads: it was meant for another server. */
const SET_ASIDE = { username: undefined, password: undefined, unix_socket: undefined, ssl: { mode: "disable" } };

/**
 * The config with the address that a Hyperdrive binding gives, if it names one; of the rest, nothing is sent there.
 * Raises `bad_request` when there is none of that name.
 */
export function withHyperdrive<C extends Configured>(config: C, host: Pick<ServiceHost, "binding">): C {
  const { hyperdrive } = config;
  if (!hyperdrive) return config;
  if (host.binding === undefined)
    throw new Fault("bad_request", "Field 'hyperdrive' is for Cloudflare Workers, where this Millrace does not run.");
  const binding = host.binding(hyperdrive);
  if (!isHyperdrive(binding))
    throw new Fault("bad_request", `There is no Hyperdrive binding '${hyperdrive.slice(0, 64)}' here.`);
  return { ...config, ...SET_ASIDE, dsn: addressOf(binding) };
}

/** The URL of a Hyperdrive. It sees to TLS on the way to the database by itself; the way to it does not leave the platform. */
export function addressOf({ connectionString }: { readonly connectionString: string }): string {
  const url = new URL(connectionString);
  url.searchParams.set("sslmode", "disable");
  return url.href;
}

/** Whether a binding is a Hyperdrive: the address of a database that is reached by it. */
export function isHyperdrive(binding: unknown): binding is { readonly connectionString: string } {
  return typeof (binding as { connectionString?: unknown } | null | undefined)?.connectionString === "string";
}
