import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { isMasterSecret, type Variables } from "../variables.ts";
import { embeddedFile, embeddedFolder } from "./embedded.ts";

/** The master secret: that of the environment, or with an embedded store the one beside it, made if nothing is there yet. */
export function masterSecret(variables: Variables): string {
  if (variables.MILLRACE_SECRET !== undefined) return variables.MILLRACE_SECRET;
  const folder = embeddedFolder(variables);
  if (folder === undefined)
    throw new Error("The environment variable MILLRACE_SECRET must be set, as the store is not an embedded one.");
  const path = join(folder, "secret");
  // The store first: another start that makes both at this moment makes the key before the store.
  const hasStore = existsSync(embeddedFile(variables) ?? "");
  if (existsSync(path)) return readKey(path);
  if (hasStore) {
    throw new Error(
      `The master key ${path} is missing: bring it back, or give it as MILLRACE_SECRET. Without it the stored secrets can not be read.`,
    );
  }
  mkdirSync(folder, { recursive: true });
  return makeKey(folder, path);
}

/** A file that was cut short or emptied is no key: the store would be sealed with one that anybody knows. */
function readKey(path: string): string {
  const key = readFileSync(path, "utf8").trim();
  if (isMasterSecret(key)) return key;
  throw new Error(`The master key ${path} must have at least 32 characters.`);
}

/** The file appears whole or not at all, and of two starts at once the later one takes the key of the other. */
function makeKey(folder: string, path: string): string {
  const draft = join(folder, `secret.${process.pid}.${randomBytes(6).toString("hex")}`);
  try {
    writeDurably(draft, `${randomBytes(32).toString("hex")}\n`);
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readKey(path);
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, "wx", 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
