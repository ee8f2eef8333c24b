import { databaseSuite, OF_RELATIVES } from "../suites/database/suite.ts";
import { mariadbTarget } from "../suites/database/targets.ts";

databaseSuite(mariadbTarget("mysql", "MariaDB as a MySQL"), OF_RELATIVES);
