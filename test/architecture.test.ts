import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { registryText } from "../plugins/generate.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The rooms of `src` by level: an import goes down a level or stays inside its room. */
const LEVELS: Readonly<Record<string, number>> = {
  contract: 0,
  lib: 1,
  db: 2,
  identity: 2,
  access: 2,
  events: 2,
  openapi: 2,
  store: 3,
  services: 4,
  "dispatch.ts": 5,
  http: 6,
  runtime: 7,
};
/** What a plugin may use of `src`. */
const PLUGIN_ROOMS = ["contract", "lib", "db"];
/** The files that put the house together, and the tool that writes one of them. */
const PLUGIN_INDEX = ["plugins/registry.ts", "plugins/generate.ts"];

const MOST_LINES = 350;

interface Source {
  readonly path: string;
  readonly text: string;
  /** What it imports: paths of the tree, or names of packages. */
  readonly imports: readonly string[];
}

const sources = ["src", "plugins", "scripts-sandbox"].flatMap((folder) => readSources(folder));

describe("the house", () => {
  test("is found as it is", () => {
    expect(sources.length).toBeGreaterThan(80);
  });

  test("has no room in src that nobody has given a level", () => {
    const rooms = new Set(sources.filter(({ path }) => path.startsWith("src/")).map(({ path }) => roomOf(path)));
    expect([...rooms].filter((room) => LEVELS[room] === undefined)).toEqual([]);
  });

  test("imports go down a level or stay inside a room, never up, never sideways", () => {
    const wrong = edges().filter(
      ([from, to]) => from.startsWith("src/") && to.startsWith("src/") && !goesDown(from, to),
    );
    expect(wrong).toEqual([]);
  });

  test("only the runtime knows the plugins, and plugins know only contract, lib, db and each other", () => {
    const wrong = edges().filter(([from, to]) => {
      if (from.startsWith("src/")) return to.startsWith("plugins/") && roomOf(from) !== "runtime";
      return (
        from.startsWith("plugins/") &&
        !PLUGIN_INDEX.includes(from) &&
        to.startsWith("src/") &&
        !PLUGIN_ROOMS.includes(roomOf(to))
      );
    });
    expect(wrong).toEqual([]);
  });

  test("the sandbox knows only the contract", () => {
    const wrong = edges().filter(
      ([from, to]) => from.startsWith("scripts-sandbox/") && to.startsWith("src/") && roomOf(to) !== "contract",
    );
    expect(wrong).toEqual([]);
  });

  test("only the runtime, the drivers and the sandbox touch what belongs to one runtime", () => {
    const mayTouch = (path: string) =>
      roomOf(path) === "runtime" ||
      /^plugins\/[^/]+\/driver\.[\w.]+$/.test(path) ||
      path.startsWith("scripts-sandbox/") ||
      PLUGIN_INDEX.includes(path);
    const wrong = sources.filter(({ path, text, imports }) => {
      const isBound =
        imports.some((name) => /^(node|bun|cloudflare):/.test(name)) ||
        /\b(process|Bun|Deno)\.\w/.test(withoutComments(text));
      return isBound && !mayTouch(path);
    });
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test("no imports go round in a circle", () => {
    expect(findCircle()).toEqual([]);
  });

  test(`no file has more than ${MOST_LINES} lines`, () => {
    const long = sources.filter(({ text }) => text.split("\n").length > MOST_LINES);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  test("no database is asked for its name outside its own folder", () => {
    const names = /["'`](pgsql|postgres(ql)?|mysql|mariadb|sqlite|alloydb|neon)["'`]/i;
    const wrong = sources.filter(
      ({ path, text }) => path.startsWith("src/") && roomOf(path) !== "runtime" && names.test(withoutComments(text)),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test("the registry of plugins is fresh", () => {
    expect(readFileSync(join(ROOT, "plugins/registry.ts"), "utf8")).toBe(registryText());
  });
});

function readSources(folder: string): Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => {
      const absolute = join(entry.parentPath, entry.name);
      const text = readFileSync(absolute, "utf8");
      return { path: treePath(absolute), text, imports: importsOf(text, absolute) };
    });
}

function importsOf(text: string, absolute: string): string[] {
  const found = withoutComments(text).matchAll(
    /(?:^|\s)(?:import|export)\s(?:[^"'`;]*?\sfrom\s+)?"([^"]+)"|\bimport\("([^"]+)"\)/g,
  );
  return [...found].map(([, one, other]) => {
    const name = one ?? other ?? "";
    return name.startsWith(".") ? treePath(join(dirname(absolute), name)) : name;
  });
}

function treePath(absolute: string): string {
  return relative(ROOT, absolute).split(sep).join("/");
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

function roomOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function edges(): [string, string][] {
  return sources.flatMap(({ path, imports }) => imports.map((to): [string, string] => [path, to]));
}

function goesDown(from: string, to: string): boolean {
  const [above, below] = [roomOf(from), roomOf(to)];
  return above === below || (LEVELS[below] ?? 99) < (LEVELS[above] ?? -1);
}

/** The files of one circle of imports, types left out of account by nobody: a circle of types is one too. */
function findCircle(): readonly string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const next of byPath.get(path)?.imports ?? []) {
      const circle = byPath.has(next) ? visit(next, [...trail, path]) : [];
      if (circle.length > 0) return circle;
    }
    done.add(path);
    return [];
  };
  for (const { path } of sources) {
    const circle = visit(path, []);
    if (circle.length > 0) return circle;
  }
  return [];
}
