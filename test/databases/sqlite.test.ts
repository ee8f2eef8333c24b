import { databaseSuite } from "../suites/database/suite.ts";
import { sqliteTarget } from "../suites/database/targets.ts";

databaseSuite(sqliteTarget());
