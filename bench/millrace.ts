import { startServer } from "../src/runtime/node.ts";

/** Millrace over the tables of one database, with a key whose role may do everything there. */
const server = await startServer(
  {
    PORT: "0",
    DATABASE_URL: "sqlite::memory:",
    MILLRACE_SECRET: "a master secret for benchmarks and nothing else",
    MILLRACE_ADMIN_EMAIL: "bench@example.com",
    MILLRACE_ADMIN_PASSWORD: "a password for benchmarks",
  },
  (line) => console.error(line),
);

const login = await ask("system/admin/session", { email: "bench@example.com", password: "a password for benchmarks" });
const token = String(login.session_token);
const service = await ask("system/service", {
  name: "db",
  type: process.env.BENCH_TYPE ?? "pgsql",
  is_active: true,
  config: JSON.parse(process.env.BENCH_CONFIG ?? JSON.stringify({ dsn: process.env.BENCH_DATABASE ?? "" })),
});
const access = [{ service_id: service.id, component: "_table/*", verb_mask: 31, requestor_mask: 1 }];
const role = await ask("system/role", { name: "reader", is_active: true, role_service_access_by_role_id: access });
const app = await ask("system/app", { name: "bench", is_active: true, role_id: role.id });
console.log(`ready ${new URL(server.url).port} ${app.api_key}`);

async function ask(path: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.url}/api/v2/${path}`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      ...(path.endsWith("session") ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Record<string, unknown>;
}
