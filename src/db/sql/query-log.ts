import type { ServiceHost } from "../../contract/service.ts";
import type { Driver, Inside } from "./driver.ts";

/** A driver that writes each statement to the log, `service.{name}: {sql}: {ms}`: its text, never its values. */
export function withQueryLog(driver: Driver, host: Pick<ServiceHost, "name" | "log">): Driver {
  if (!host.log.writes("debug")) return driver;
  return {
    ...logged(driver, host),
    transaction: (work, signal) => driver.transaction((inside) => work(logged(inside, host)), signal),
    close: () => driver.close(),
  };
}

function logged(target: Inside, host: Pick<ServiceHost, "name" | "log">): Inside {
  return {
    ...(target.command && { command: (text, signal) => target.command?.(text, signal) ?? Promise.resolve() }),
    execute: ({ text, values }, signal) =>
      timed(() => target.execute({ text, values }, signal), { text, values: values.length }, host),
  };
}

/** Does the work of a statement and writes it to the log, with the time that it took. */
export async function timed<T>(
  work: () => Promise<T>,
  { text, values }: { readonly text: string; readonly values: number },
  { name, log }: Pick<ServiceHost, "name" | "log">,
): Promise<T> {
  if (!log.writes("debug")) return work();
  const began = performance.now();
  try {
    return await work();
  } finally {
    const ms = Math.round((performance.now() - began) * 1000) / 1000;
    log.log("debug", `service.${name}: ${text}: ${ms}`, { service: name, sql: text, values, ms });
  }
}
