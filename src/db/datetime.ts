/**
 * Dates and times are read as text and stay text: no Date object, so no lost microseconds and no shifted zone.
 * Each function gives the canonical text, or `undefined` when the input is not one.
 */

const DATE = /^(\d{4,6})-(\d{2})-(\d{2})$/;
const TIME = /^(\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?$/;
const OFFSET = /^(?:[zZ]|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)$/;
const STAMP =
  /^(\d{4,6}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s?([zZ]|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)?)?$/;
const ZERO_OFFSET = /^(?:[zZ]|[+-]00(?::?00(?::?00)?)?)$/;

/** `2024-02-29`, and only days that the calendar has. */
export function readDate(text: string): string | undefined {
  const trimmed = text.trim();
  const parts = DATE.exec(trimmed);
  if (parts === null) return undefined;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) ? trimmed : undefined;
}

/** `HH:MM[:SS[.f]]`, with an optional offset for types that keep one. */
export function readTime(text: string): string | undefined {
  const [, clock = "", offset = ""] = /^([\d:.]+)\s?(.*)$/.exec(text.trim()) ?? [];
  const canonical = readClock(clock);
  return canonical !== undefined && (offset === "" || OFFSET.test(offset)) ? canonical + offset : undefined;
}

/** `YYYY-MM-DD[ HH:MM[:SS[.f]]]`. A zero offset is dropped; another one cannot be kept without a shift and is refused. */
export function readDatetime(text: string): string | undefined {
  const parts = readStamp(text);
  return parts && (parts.offset === "" || ZERO_OFFSET.test(parts.offset)) ? `${parts.date} ${parts.clock}` : undefined;
}

/** Like {@link readDatetime} with any offset; without one the session's time zone holds. */
export function readDatetimetz(text: string): string | undefined {
  const parts = readStamp(text);
  return parts && `${parts.date} ${parts.clock}${parts.offset}`;
}

function readStamp(text: string): { date: string; clock: string; offset: string } | undefined {
  const [, day, time = "00:00:00", offset = ""] = STAMP.exec(text.trim()) ?? [];
  if (day === undefined) return undefined;
  const date = readDate(day);
  const clock = readClock(time);
  return date !== undefined && clock !== undefined ? { date, clock, offset } : undefined;
}

/** 24:00:00 is a time of ISO 8601, and a leap second may be written as 60. */
function readClock(text: string): string | undefined {
  const parts = TIME.exec(text);
  if (parts === null) return undefined;
  const [, hours = "", minutes = "", seconds = "00", fraction = ""] = parts;
  const isMidnight = hours === "24" && minutes === "00" && seconds === "00" && /^(?:\.0+)?$/.test(fraction);
  const isValid = isMidnight || (Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) <= 60);
  return isValid ? `${hours}:${minutes}:${seconds}${fraction}` : undefined;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
