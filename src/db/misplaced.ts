import { Fault } from "../contract/fault.ts";
import type { Query } from "./query.ts";

/** Raises `bad_request` for what only a read of a list can be asked for, in a query of anything else. */
export function refuseMisplaced({ groups, cursor }: Query): void {
  if (groups !== undefined)
    throw new Fault("bad_request", "Groups and functions of groups can only be asked for in a read of a list.");
  if (cursor !== undefined)
    throw new Fault("bad_request", "The parameter 'cursor' can only be used in a read of a list.");
}
