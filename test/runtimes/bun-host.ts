import { createInterface } from "node:readline";
import { startServer } from "../../src/runtime/bun.ts";
import type { RunningServer } from "../../src/runtime/server/server.ts";
import type { LogLine } from "./served.ts";

/** A command of `bun.ts`, as one JSON line. */
export type Command = { readonly id: number } & (
  | { readonly start: Readonly<Record<string, string>> }
  | { readonly log: number; readonly from: number }
  | { readonly close: number }
);

interface House {
  readonly server: RunningServer;
  readonly lines: readonly LogLine[];
}

const houses = new Map<number, House>();

async function start(env: Readonly<Record<string, string>>): Promise<object> {
  const lines: LogLine[] = [];
  const server = await startServer({ PORT: "0", DATABASE_URL: "sqlite::memory:", ...env }, (line) =>
    lines.push(JSON.parse(line) as LogLine),
  );
  const house = houses.size + 1;
  houses.set(house, { server, lines });
  return { url: server.url, house };
}

function houseOf(number: number): House {
  const house = houses.get(number);
  if (house === undefined) throw new Error(`There is no house ${number}.`);
  return house;
}

async function obey(command: Command): Promise<object> {
  if ("start" in command) return start(command.start);
  if ("log" in command) return { lines: houseOf(command.log).lines.slice(command.from) };
  await houseOf(command.close).server.close();
  return {};
}

async function answer(line: string): Promise<void> {
  const command = JSON.parse(line) as Command;
  const result = await obey(command).catch((error: Error) => ({ error: error.message }));
  process.stdout.write(`${JSON.stringify({ id: command.id, ...result })}\n`);
}

process.on("unhandledRejection", (error) => console.error(error));
const commands = createInterface({ input: process.stdin });
commands.on("line", (line) => void answer(line));
commands.on("close", () => process.exit(0));
