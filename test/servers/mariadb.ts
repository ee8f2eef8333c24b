import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { runOn } from "./daemon.ts";
import { ADMIN, type Ground } from "./ground.ts";
import { findProgram } from "./install.ts";
import { type OwnServer, type Programs, type ServerKind, startServer, type Unavailable } from "./server.ts";

/** MariaDB, with its own defaults but for the character set; TLS on offer. */
export const mariadb: ServerKind = {
  title: "MariaDB",
  variable: "TEST_MARIADB_URL",
  account: "mysql",
  packages: ["mariadb-server"],
  signals: { stop: "SIGTERM", quit: "SIGKILL" },
  findPrograms,
  initialise,
  command,
  url: ({ port, password }) => `mariadb://${ADMIN}:${password}@127.0.0.1:${port}/`,
  ping,
};

/** Starts a MariaDB for one test file, to be broken at will. The caller closes it. */
export function startPrivateMariadb(): Promise<OwnServer | Unavailable> {
  return startServer(mariadb);
}

function findPrograms(): Programs | undefined {
  const install = findProgram("mariadb-install-db");
  const serve = findProgram("mariadbd");
  return install !== undefined && serve !== undefined ? { install, serve } : undefined;
}

async function initialise(ground: Ground, programs: Programs): Promise<void> {
  // The server runs this at each start, before it lets anybody in.
  const admin = `'${ADMIN}'@'%'`;
  await writeFile(
    initFileOf(ground),
    `CREATE USER IF NOT EXISTS ${admin} IDENTIFIED BY '${ground.password}';\nGRANT ALL ON *.* TO ${admin} WITH GRANT OPTION;\n`,
    { mode: 0o644 },
  );
  const options = ["--skip-test-db", "--skip-name-resolve", "--auth-root-authentication-method=normal"];
  await runOn(ground, [programs.install, "--no-defaults", `--datadir=${dataOf(ground)}`, ...options, ...storage()]);
}

function command(ground: Ground, programs: Programs): readonly string[] {
  const { folder, port, certificate } = ground;
  return [
    programs.serve,
    "--no-defaults",
    `--datadir=${dataOf(ground)}`,
    `--socket=${join(folder, "socket")}`,
    `--pid-file=${join(folder, "pid")}`,
    `--init-file=${initFileOf(ground)}`,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
    "--max-connections=200",
    ...storage(),
    ...(certificate
      ? [`--ssl-cert=${certificate.cert}`, `--ssl-key=${certificate.key}`, `--ssl-ca=${certificate.cert}`]
      : []),
  ];
}

/** Small and without waiting for the disk: the data die with the tests. */
function storage(): readonly string[] {
  return [
    "--innodb-log-file-size=16M",
    "--innodb-buffer-pool-size=64M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
  ];
}

function dataOf(ground: Ground): string {
  return join(ground.folder, "data");
}

function initFileOf(ground: Ground): string {
  return join(ground.folder, "init.sql");
}

async function ping(url: string): Promise<void> {
  const connection = await createConnection({ uri: url, connectTimeout: 2_000 });
  await connection.query("SELECT 1");
  await connection.end();
}
