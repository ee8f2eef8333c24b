import { statSync } from "node:fs";
import { join } from "node:path";
import type { ServiceType } from "../../contract/service.ts";
import type { Variables } from "../variables.ts";
import { embeddedFile, embeddedFolder } from "./embedded.ts";

/** The type whose services may open no file that holds Millrace's own settings or secrets. */
export function withoutOwnFiles<T extends ServiceType>(type: T, variables: Variables): T {
  const isOwnFile = (path: string) => leadsToOwnFile(path, variables);
  return { ...type, open: (config, host) => type.open(config, { ...host, isOwnFile }) };
}

/** By whatever name: links lead to the same file as well. */
function leadsToOwnFile(path: string, variables: Variables): boolean {
  const [file, folder] = [embeddedFile(variables), embeddedFolder(variables)];
  if (file === undefined || folder === undefined) return false;
  const found = identityOf(path);
  return found !== undefined && [file, join(folder, "secret")].some((own) => identityOf(own) === found);
}

function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev} ${ino}`;
  } catch {
    // There is no such file, or it can not be looked at, and so not be opened either.
    return undefined;
  }
}
