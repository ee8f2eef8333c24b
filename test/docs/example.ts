import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What an example runs against: the sample of a new server, or a service over a real database. */
export const GROUPS = ["sample", "alloydb", "mysql"] as const;
export type Group = (typeof GROUPS)[number];

/** A fence of shell lines in a page that says `run=…`, with the answer that the page shows behind it. */
export interface Example {
  readonly page: string;
  /** The line of the page where the fence begins, from 1. */
  readonly line: number;
  readonly group: string;
  /** The status that the fence states; without one, any success will do. */
  readonly status: number | undefined;
  readonly commands: readonly string[];
  /** The text of the JSON fence that follows. */
  readonly answer: string | undefined;
}

interface Fence {
  readonly info: string;
  readonly line: number;
  readonly end: number;
  readonly text: string;
}

/** The pages of the documentation, as paths from the root of the project. */
export function pages(): readonly string[] {
  const below = readdirSync(`${ROOT}docs`).filter((name) => name.endsWith(".md"));
  return ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...below.sort().map((name) => `docs/${name}`)];
}

/** The text of a page. */
export function pageText(page: string): string {
  return readFileSync(ROOT + page, "utf8");
}

/** The examples of a page, in its order. */
export function examplesOf(page: string): readonly Example[] {
  const fences = fencesOf(pageText(page));
  return fences.flatMap((fence, index) => {
    const group = wordOf(fence.info, "run");
    if (!fence.info.startsWith("sh") || group === undefined) return [];
    const status = wordOf(fence.info, "status");
    return [
      {
        page,
        line: fence.line,
        group,
        status: status === undefined ? undefined : Number(status),
        commands: commandsOf(fence.text),
        answer: answerTo(fence, fences[index + 1]),
      },
    ];
  });
}

function fencesOf(text: string): readonly Fence[] {
  return Array.from(text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm), (match) => {
    const [whole, info = "", inner = ""] = match;
    const line = lineAt(text, match.index);
    return { info: info.trim(), line, end: line + whole.split("\n").length, text: inner };
  });
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function wordOf(info: string, name: string): string | undefined {
  return new RegExp(`\\b${name}=(\\w+)`).exec(info)?.[1];
}

/** A command begins on a line of its own, and goes on until the next one does. */
function commandsOf(text: string): readonly string[] {
  return text.trim().split(/\n(?=curl )/);
}

/** An answer stands right behind its question, with a blank line between them at most. */
function answerTo(fence: Fence, next: Fence | undefined): string | undefined {
  return next?.info === "json" && next.line - fence.end <= 1 ? next.text : undefined;
}
