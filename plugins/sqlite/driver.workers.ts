import { Fault } from "../../src/contract/fault.ts";
import type { Driver } from "../../src/db/sql/driver.ts";
import { NO_FILES } from "./client.ts";

/** Workers have no files. A service of the type is refused earlier; the home of the settings is refused here. */
export function openDriver(): Driver {
  throw new Fault("not_implemented", NO_FILES);
}
