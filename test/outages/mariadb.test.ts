import { startPrivateMariadb } from "../servers/mariadb.ts";
import { outageSuite } from "./suite.ts";

outageSuite({
  title: "MariaDB",
  type: "mariadb",
  start: startPrivateMariadb,
  slowView: "CREATE VIEW slow AS SELECT 1 AS id, SLEEP(30) AS text",
  wrongUser: "The server refused the user name or password.",
});
