import { databaseSuite } from "../suites/database/suite.ts";
import { d1Target } from "../suites/database/targets.ts";

databaseSuite(d1Target());
