import { existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Client } from "pg";
import { runOn } from "./daemon.ts";
import { ADMIN, type Ground } from "./ground.ts";
import { findProgram } from "./install.ts";
import { type OwnServer, type Programs, type ServerKind, startServer, type Unavailable } from "./server.ts";

const DEBIAN = "/usr/lib/postgresql";

/** PostgreSQL: the highest major version that is installed; passwords by SCRAM (md5 works too), TLS on offer. */
export const postgres: ServerKind = {
  title: "PostgreSQL",
  variable: "TEST_POSTGRES_URL",
  account: "postgres",
  packages: ["postgresql"],
  signals: { stop: "SIGINT", quit: "SIGQUIT" },
  findPrograms,
  missingExtras,
  initialise,
  command,
  url: ({ port, password }) => `postgres://${ADMIN}:${password}@127.0.0.1:${port}/postgres`,
  ping,
};

/** Starts a PostgreSQL for one test file, to be broken at will. The caller closes it. */
export function startPrivatePostgres(): Promise<OwnServer | Unavailable> {
  return startServer(postgres);
}

function findPrograms(): Programs | undefined {
  const serve = findDebianServer() ?? findProgram("postgres");
  if (serve === undefined) return undefined;
  const install = join(dirname(serve), "initdb");
  return existsSync(install) ? { install, serve } : undefined;
}

function findDebianServer(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined;
  const majors = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
  return majors.map((major) => join(DEBIAN, major, "bin", "postgres")).find(existsSync);
}

/** PostGIS for a server of Debian's. */
function missingExtras({ serve }: Programs): readonly string[] {
  const [, major] = /^\/usr\/lib\/postgresql\/(\d+)\//.exec(serve) ?? [];
  if (major === undefined || existsSync(`/usr/share/postgresql/${major}/extension/postgis.control`)) return [];
  return [`postgresql-${major}-postgis-3`];
}

async function initialise(ground: Ground, programs: Programs): Promise<void> {
  const passwordFile = join(ground.folder, "password");
  await writeFile(passwordFile, ground.password, { mode: 0o644 });
  const login = ["--username", ADMIN, "--pwfile", passwordFile, "--auth", "md5"];
  const text = ["--encoding", "UTF8", "--locale", "C.UTF-8"];
  await runOn(ground, [programs.install, "--pgdata", dataOf(ground), "--no-sync", ...login, ...text]);
}

function command(ground: Ground, programs: Programs): readonly string[] {
  const { certificate } = ground;
  const settings = {
    listen_addresses: "127.0.0.1",
    port: ground.port,
    unix_socket_directories: ground.folder,
    max_connections: 200,
    shared_buffers: "64MB",
    // The data die with the tests.
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    ...(certificate && { ssl: "on", ssl_cert_file: certificate.cert, ssl_key_file: certificate.key }),
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return [programs.serve, "-D", dataOf(ground), ...options];
}

function dataOf(ground: Ground): string {
  return join(ground.folder, "data");
}

async function ping(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  // Without a listener, a connection that breaks would end the tests' process.
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("SELECT 1");
  } finally {
    await client.end();
  }
}
