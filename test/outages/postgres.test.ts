import { startPrivatePostgres } from "../servers/postgres.ts";
import { outageSuite } from "./suite.ts";

outageSuite({
  title: "PostgreSQL",
  type: "pgsql",
  start: startPrivatePostgres,
  slowView: "CREATE VIEW slow AS SELECT 1 AS id, pg_sleep(30)::text AS text",
  wrongUser: "The server refused the user name or password.",
});
