import type { ServiceHost } from "../../contract/service.ts";
import type { Driver, Inside, Result, Statement } from "./driver.ts";

/** A driver that writes each statement to the log, `service.{name}: {sql}: {ms}`: its text, never its values. */
export function withQueryLog(driver: Driver, host: Pick<ServiceHost, "name" | "log">): Driver {
  if (!host.log.writes("debug")) return driver;
  return {
    ...logged(driver, host),
    transaction: (work, signal, isReadOnly) =>
      driver.transaction((inside) => work(logged(inside, host)), signal, isReadOnly),
    ...(driver.call && {
      call: (work, mode, signal) =>
        driver.call?.((inside) => work(logged(inside, host)), mode, signal) ?? driver.transaction(work, signal),
    }),
    ...(driver.rebuild && {
      rebuild: (work, signal) =>
        driver.rebuild?.((inside) => work(logged(inside, host)), signal) ?? driver.transaction(work, signal),
    }),
    ...(driver.stream && { stream: (statement, signal) => loggedStream(driver, statement, { host, signal }) }),
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

/** Written when it has ended, with the time until then: how fast the client reads is a part of it. */
async function* loggedStream(
  driver: Driver,
  { text, values }: Statement,
  { host, signal }: { readonly host: Pick<ServiceHost, "name" | "log">; readonly signal: AbortSignal },
): AsyncGenerator<Result> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const written = timed(() => promise, { text, values: values.length }, host);
  try {
    yield* driver.stream?.({ text, values }, signal) ?? [];
  } finally {
    resolve();
    await written;
  }
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
