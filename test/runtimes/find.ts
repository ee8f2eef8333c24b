import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Unavailable } from "../servers/server.ts";

/** Which version of a runtime there is, or why none. */
export type ProvidedRuntime = Unavailable | { readonly version: string };

const PROGRAMS = { bun: "bun", workers: "workerd" } as const;
const TITLES = { bun: "Bun", workers: "Workers (workerd)" } as const;

/** Looks whether the program of a runtime, which the development dependencies bring along, runs on this machine. */
export function findRuntime(name: keyof typeof PROGRAMS): ProvidedRuntime {
  const { status, stdout, error } = spawnSync(programOf(PROGRAMS[name]), ["--version"], { encoding: "utf8" });
  if (status === 0) return { version: stdout.trim() };
  return { title: TITLES[name], unavailable: error?.message ?? `its program ends with ${status}` };
}

/** The path of a program that a package brings along. */
export function programOf(name: string): string {
  return fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));
}
