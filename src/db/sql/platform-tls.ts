import { Fault } from "../../contract/fault.ts";
import type { ServerConfig } from "../config.ts";

/** What is asked of the way to a server. */
export interface Wishes extends Partial<ServerConfig["ssl"]> {
  /** By a Unix socket. */
  readonly isLocal: boolean;
}

/**
 * For platforms whose sockets are TCP, with TLS that they verify by a list of CAs of their own. Raises `not_implemented`
 * rather than have a connection made with less than was asked for.
 */
export function demandPlatformTls({ isLocal, mode, ca, cert, key }: Wishes): void {
  if (isLocal) throw new Fault("not_implemented", "Cloudflare Workers can not reach a database by a Unix socket.");
  if (mode === "disable" || !(ca || cert || key)) return;
  throw new Fault(
    "not_implemented",
    "Cloudflare Workers verify servers by their own list of CAs and show no certificate: for 'ssl.ca', 'ssl.cert' or 'ssl.key', connect through Hyperdrive.",
  );
}
