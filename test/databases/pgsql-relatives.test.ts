import { databaseSuite } from "../suites/database/suite.ts";
import { postgresTarget } from "../suites/database/targets.ts";

// The relatives are PostgreSQL but for their names and how they want to be secured: Neon takes no connection without TLS.
databaseSuite(postgresTarget("alloydb", "PostgreSQL as an AlloyDB"), ["smoke", "write-statements"]);
databaseSuite(postgresTarget("neon", "PostgreSQL as a Neon"), ["smoke", "write-statements"]);
