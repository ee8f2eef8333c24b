import { execFileSync } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runOn } from "./daemon.ts";
import { findProgram, isRoot } from "./install.ts";
import { atExit } from "./leftovers.ts";

/** The system user that a server runs as; absent when it runs as the user of the tests. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** What one server instance stands on: its folder, its port, its administrator's password, its user, its certificate. */
export interface Ground {
  readonly folder: string;
  readonly port: number;
  readonly password: string;
  readonly account: Account | undefined;
  readonly certificate?: Certificate | undefined;
  /** Removes the folder; this process does so too when it ends. */
  remove(): void;
}

/** Files of a self-signed certificate for 127.0.0.1 and localhost; `cert` is its own CA. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** The administrator of every server that the tests start. */
export const ADMIN = "millrace";

/** Makes a fresh folder owned by `accountName` (when root; servers refuse to run as root) and all that goes with it. */
export async function layGround(name: string, accountName: string): Promise<Ground> {
  const account = isRoot() ? findAccount(accountName) : undefined;
  const port = await findFreePort();
  const folder = mkdtempSync(join(tmpdir(), `millrace-${name}-`));
  const forget = atExit(() => removeFolder(folder));
  const remove = () => {
    forget();
    removeFolder(folder);
  };
  chmodSync(folder, 0o700);
  if (account) chownSync(folder, account.uid, account.gid);
  const password = randomBytes(9).toString("hex");
  const bare: Ground = { folder, port, password, account, remove };
  return { ...bare, certificate: await makeCertificate(bare) };
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 30 });
}

function findAccount(name: string): Account {
  try {
    const id = (flag: string) => Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: "pipe" }));
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    throw new Error(`there is no system user ${name} to run it as`);
  }
}

// Below the ports that clients are given: during an outage no client's own socket may take the port.
const [FIRST_PORT, LAST_PORT] = [15_000, 32_000];

async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isFree(port)) return port;
  }
  throw new Error("no port is free");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

async function makeCertificate(ground: Ground): Promise<Certificate | undefined> {
  const openssl = findProgram("openssl");
  if (openssl === undefined) return undefined;
  const files = { cert: join(ground.folder, "server.crt"), key: join(ground.folder, "server.key") };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", files.key];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"];
  await runOn(ground, [openssl, "req", "-x509", "-days", "2", ...key, "-out", files.cert, ...names]);
  chmodSync(files.key, 0o600);
  return files;
}
