import { definePostgres } from "../pgsql/define.ts";

/** AlloyDB is PostgreSQL to its clients. Not verified against the real product. */
export default definePostgres({
  name: "alloydb",
  label: "AlloyDB",
  description: "A Google AlloyDB database, reached by address or through its auth proxy.",
});
