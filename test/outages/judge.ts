import { expect } from "vitest";
import type { Heard } from "./load.ts";

/** What is heard of one outage; moments are milliseconds of `performance.now()`. */
export interface Observed {
  readonly service: string;
  readonly heard: readonly Heard[];
  readonly began: number;
  /** When the database let clients in again. */
  readonly back: number;
}

const LATE = "The database did not finish the statement in time.";
const busy = (service: string) => `All connections of service '${service}' are busy. Try again.`;
const away = (service: string) => `The database of service '${service}' is not available.`;

/** Each request has an answer in time: what was asked for, or an orderly 503 or 504. */
export function expectOrderly({ heard, service }: Observed, boundedMs: number): void {
  expectNone(heard.filter((each) => !isAnswered(each) && !isOrderlyRefusal(each, service)));
  expectNone(heard.filter(({ began, ended }) => ended - began > boundedMs));
}

/** All that was answered before the outage is well, and all that is asked so long after the return. */
export function expectWellAround({ heard, began, back }: Observed, withinMs: number): void {
  expectAllAnswered(heard.filter((each) => each.ended < began || each.began > back + withinMs));
}

/** Somebody was refused: the outage was one. */
export function expectFelt({ heard }: Observed): void {
  expect(heard.filter(({ status }) => status >= 500)).not.toEqual([]);
}

/**
 * An insert that was acknowledged is there, and one that never got a connection is not. Of all others nobody can know:
 * the answer may have been lost on its way. A key that was there already (409) would tell of an insert that ran twice.
 */
export function expectNothingLost({ heard, service }: Observed, ids: ReadonlySet<number>): void {
  const inserts = heard.filter(({ kind }) => kind === "insert");
  expectNone(inserts.filter((each) => isAnswered(each) && !ids.has(each.id)));
  expectNone(inserts.filter((each) => each.body?.error?.message === busy(service) && ids.has(each.id)));
}

/** Every request was given what it asked for. */
export function expectAllAnswered(heard: readonly Heard[]): void {
  expectNone(heard.filter((each) => !isAnswered(each)));
}

function expectNone(heard: readonly Heard[]): void {
  const lines = heard.map(
    ({ kind, id, status, body, began, ended }) =>
      `${kind} ${id} ${status} ${JSON.stringify(body)} at ${began.toFixed()} after ${(ended - began).toFixed()} ms`,
  );
  expect(lines.slice(0, 20)).toEqual([]);
}

function isAnswered({ kind, status, body, id }: Heard): boolean {
  if (kind === "read") return status === 200 && body.id === 1 && body.text === "one";
  if (kind === "insert") return status === 200 && body.id === id;
  return status === 200 && body.resource.map((row: { id: number }) => row.id).join() === "1,2,3";
}

function isOrderlyRefusal({ status, headers, body }: Heard, service: string): boolean {
  const message = body?.error?.message;
  const isOneOfOurs = status === 503 ? [away(service), busy(service)].includes(message) : message === LATE;
  const hasHeader = status === 503 ? headers["retry-after"] === "1" : status === 504;
  return isOneOfOurs && hasHeader && body.error.code === status && body.error.status_code === status;
}
