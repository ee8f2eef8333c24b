import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findProgram, installPackages } from "../servers/install.ts";

/** What curl printed for one command, and the status of the answer. */
export interface Printed {
  readonly status: number;
  readonly body: string;
}

/** The folder of the `.curlrc` by which curl tells the status: the command line stays as it is. */
const CURL_HOME = fileURLToPath(new URL(".", import.meta.url));

/** Why there is no curl here, or `undefined` when there is one. Installs it where that is possible. */
export async function whyNoCurl(): Promise<string | undefined> {
  if (findProgram("curl") !== undefined) return undefined;
  return installPackages(["curl"]).then(
    () => undefined,
    (error: unknown) => String(error),
  );
}

/** Runs a command line as a shell does. Raises when it fails. */
export async function runCurl(command: string): Promise<Printed> {
  const { stdout } = await promisify(execFile)("sh", ["-c", command], { env: { ...process.env, CURL_HOME } });
  const at = stdout.lastIndexOf("\n");
  return { status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) };
}
