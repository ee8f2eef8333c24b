import { readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const REGISTRY = fileURLToPath(new URL("registry.ts", import.meta.url));

/** The text of `registry.ts`: all folders of this one, by name. */
export function registryText(): string {
  const names = readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const imports = names.map((name) => `import ${name} from "./${name}/index.ts";`);
  return [
    "// Made by `npm run registry`: do not edit.",
    'import type { DatabaseType } from "../src/db/define.ts";',
    ...imports,
    "",
    "/** Every kind of database that Millrace serves. */",
    "export const databaseTypes: readonly DatabaseType[] = [",
    ...names.map((name) => `  ${name},`),
    "];",
    "",
  ].join("\n");
}

if (import.meta.main) writeFileSync(REGISTRY, registryText());
