import { AsyncLocalStorage } from "node:async_hooks";
import { LOG_LEVELS, type LogFields, type Logger, type LogLevel } from "../contract/runtime.ts";

/** What the work in hand is done for. */
const present = new AsyncLocalStorage<LogFields>();

/** A logger that gives each line, as JSON, to `write`. */
export function jsonLogger(least: LogLevel, write: (line: string) => void): Logger {
  const threshold = LOG_LEVELS.indexOf(least);
  const writes = (level: LogLevel) => LOG_LEVELS.indexOf(level) >= threshold;
  return {
    writes,
    log(level, message, fields) {
      if (!writes(level)) return;
      const time = new Date().toISOString();
      write(JSON.stringify({ time, level, message, ...present.getStore(), ...fields }));
    },
    ...(writes("debug") && { during: (fields, work) => present.run(fields, work) }),
  };
}
