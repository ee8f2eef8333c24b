import { definePostgres } from "../pgsql/define.ts";

/** Neon over TCP; it takes no connection without TLS, and routes by the host name that TLS carries. Not verified against the real product. */
export default definePostgres({
  name: "neon",
  label: "Neon",
  description: "A Neon serverless PostgreSQL database.",
  tls: "require",
});
