import { LOG_LEVELS, type Logger, type LogLevel } from "../contract/runtime.ts";

/** A logger that gives each line, as JSON, to `write`. */
export function jsonLogger(least: LogLevel, write: (line: string) => void): Logger {
  const threshold = LOG_LEVELS.indexOf(least);
  const writes = (level: LogLevel) => LOG_LEVELS.indexOf(level) >= threshold;
  return {
    writes,
    log(level, message, fields = {}) {
      if (writes(level)) write(JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }));
    },
  };
}
