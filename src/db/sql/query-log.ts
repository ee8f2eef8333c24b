import type { ServiceHost } from "../../contract/service.ts";
import type { Driver, Statement } from "./driver.ts";

type Target = Pick<Driver, "execute">;

/** A driver that writes each statement to the log, `service.{name}: {sql}: {ms}`: its text, never its values. */
export function withQueryLog(driver: Driver, host: Pick<ServiceHost, "name" | "log">): Driver {
  if (!host.log.writes("debug")) return driver;
  return {
    ...logged(driver, host),
    transaction: (work, signal) => driver.transaction((inside) => work(logged(inside, host)), signal),
    close: () => driver.close(),
  };
}

function logged(target: Target, { name, log }: Pick<ServiceHost, "name" | "log">): Target {
  return {
    async execute(statement: Statement, signal) {
      const began = performance.now();
      try {
        return await target.execute(statement, signal);
      } finally {
        const ms = Math.round((performance.now() - began) * 1000) / 1000;
        const { text, values } = statement;
        log.log("debug", `service.${name}: ${text}: ${ms}`, { service: name, sql: text, values: values.length, ms });
      }
    },
  };
}
