import { databaseSuite } from "../suites/database/suite.ts";
import { postgresTarget } from "../suites/database/targets.ts";

databaseSuite(postgresTarget());
