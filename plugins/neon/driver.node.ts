import type { Driver } from "../../src/db/sql/driver.ts";
import { openDriver as openOverTcp } from "../pgsql/driver.node.ts";
import type { NeonDriverSettings } from "./settings.ts";

/** Neon as the PostgreSQL that it is. */
export const openDriver: (settings: NeonDriverSettings) => Driver = openOverTcp;
