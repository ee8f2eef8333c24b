import { expect } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Answer } from "../../house.ts";
import type { Fixture } from "./fixture.ts";

/** Query text of these parameters, each encoded. */
export function queryOf(params: Readonly<Record<string, string | number | boolean>>): string {
  return new URLSearchParams(Object.entries(params).map(([name, value]) => [name, String(value)])).toString();
}

/** Status and body of a GET below the service. */
export async function get(fixture: Fixture, path: string, params: Parameters<typeof queryOf>[0] = {}) {
  const query = queryOf(params);
  const { status, body } = await fixture.ask("GET", query === "" ? path : `${path}?${query}`);
  return { status, body };
}

/** The ids of the rows that a filter finds, in their order; or the answer when it is not 200. */
export async function idsFound(
  fixture: Fixture,
  table: string,
  filter: string,
  params: Readonly<Record<string, Json>> = {},
): Promise<readonly number[] | string> {
  const { status, body } = await get(fixture, `_table/${encodeURIComponent(table)}`, {
    fields: "id",
    order: "id",
    filter,
    ...(Object.keys(params).length > 0 && { params: JSON.stringify(params) }),
  });
  if (status !== 200) return `${status} ${body?.error?.message}`;
  return body.resource.map((row: { readonly id: number }) => row.id);
}

/** The whole body of a failure. */
export function failure(status: number, message: string, context: unknown = null) {
  const code = message.startsWith("Batch Error") ? 1000 : status;
  return { error: { code, context, message, status_code: status } };
}

/** Expects an answer to be this failure, with its whole body. */
export function expectFailure({ status, body }: Pick<Answer, "status" | "body">, code: number, message: string): void {
  expect({ status, body }).toEqual({ status: code, body: failure(code, message) });
}
