import { definePostgres, postgresStore } from "./define.ts";

/** PostgreSQL 12 and newer. */
export default definePostgres({
  name: "pgsql",
  label: "PostgreSQL",
  description: "A PostgreSQL database, or one that speaks its language.",
  store: postgresStore,
});
