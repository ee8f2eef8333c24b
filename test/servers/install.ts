import { execFile } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

// Both servers may want to install at once, and apt allows one at a time: `flock` makes them wait for each other.
// The policy file is how Debian is told to start no service; one that is there already is left alone.
const INSTALL = `
set -e
if [ ! -e /usr/sbin/policy-rc.d ]; then
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  trap 'exit 1' INT TERM HUP
  printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
fi
apt-get update
apt-get install -y --no-install-recommends "$@"
`;

/** Whether this process runs as root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Installs Debian packages. Raises an Error that says in one sentence why it could not. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  const names = packages.join(" ");
  if (!isRoot()) throw new Error(`not root and ${names} is not installed`);
  if (!existsSync("/usr/bin/apt-get")) throw new Error(`${names} is not installed and there is no apt-get`);
  console.log(`Installing ${names} for the tests.`);
  const lock = join(tmpdir(), "millrace-apt.lock");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await promisify(execFile)("flock", [lock, "sh", "-c", INSTALL, "sh", ...packages], { env }).catch((error) => {
    throw new Error(`apt-get could not install ${names}: ${lastLine(error.stderr || error.message)}`);
  });
}

/** The path of a program on PATH or in the folders of system programs, which are not on everybody's PATH. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/local/sbin", "/usr/sbin", "/usr/bin"];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** The last line of a program's complaint, which mostly says the most. */
export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
