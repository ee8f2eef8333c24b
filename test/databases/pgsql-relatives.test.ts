import { databaseSuite } from "../suites/database/suite.ts";
import { postgresTarget } from "../suites/database/targets.ts";

// The relatives are PostgreSQL but for their names; Neon, which has ways of its own, has a file of its own.
databaseSuite(postgresTarget("alloydb", "PostgreSQL as an AlloyDB"), ["smoke", "write-statements"]);
