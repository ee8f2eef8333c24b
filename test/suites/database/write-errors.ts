import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contract/json.ts";
import type { Cases } from "./suite.ts";
import {
  answerOf,
  batchFailure,
  made,
  ok,
  refusal,
  refused,
  SEEDED,
  tasksOf,
  undoneFailure,
  withTasks,
} from "./tasks.ts";

/** What the rules of a table refuse: by id with the status of the failure, in lists as a batch error. */
export const writeErrorCases: Cases = (fixture, target) => {
  withTasks(fixture, target);
  const ask = (verb: string, path: string, body?: Json) =>
    answerOf(fixture().ask(verb, `_table/${path}`, body === undefined ? {} : { body }));
  const reference = (field: string) => {
    const what = target.traits.namesReferences ? `The reference in '${field}'` : "A reference";
    return `${what} is broken: the other record is missing, or is still needed.`;
  };

  describe.each<[string, Json, number, () => string]>([
    ["a unique value twice", { code: "b" }, 409, () => "A record with the same value of 'code' already exists."],
    ["a reference to nothing", { country: "XX" }, 409, () => reference("country")],
    ["a check", { points: 1000 }, 400, () => "The record violates the check constraint 'few_points'."],
    ["a required value", { title: null }, 400, () => "Required field 'title' can not be NULL."],
    ["a text that is too long", { title: "x".repeat(21) }, 400, () => "Field 'title' can hold at most 20 characters."],
    ["an integer out of range", { points: 2 ** 31 * 4294967296 }, 400, () => outOfRange(target.traits.integerBits)],
    [
      "a decimal out of range",
      { price: 10000 },
      400,
      () => "Field 'price' can hold at most 4 digits before the decimal point.",
    ],
    [
      "a decimal of too many digits",
      { price: 1.005 },
      400,
      () => "Field 'price' keeps at most 2 digits after the decimal point.",
    ],
  ])("%s", (_title, wrong, status, message) => {
    const record = { title: "eve", ...(wrong as object) } as Json;

    test("is refused on POST, alone and in a batch", async () => {
      expect(await ask("POST", "tasks", record)).toEqual(refused(status, message()));
      expect(await ask("POST", "tasks?rollback=true", [{ title: "fay" }, record])).toEqual({
        status: 400,
        body: undoneFailure(target, "created", [1], [made, refusal(status, message())]),
      });
      expect(await tasksOf(fixture())).toEqual(SEEDED);
    });

    test("is refused on PATCH, by id, by filter, and in a batch", async () => {
      expect(await ask("PATCH", "tasks/1", wrong)).toEqual(refused(status, message()));
      expect(await ask("PATCH", "tasks?filter=id=1", wrong)).toEqual(refused(status, message()));
      expect(await ask("PATCH", "tasks", [{ id: 1, ...(wrong as object) }] as Json)).toEqual({
        status: 400,
        body: batchFailure("updated", [0], [refusal(status, message())]),
      });
      expect(await tasksOf(fixture())).toEqual(SEEDED);
    });
  });

  test("a composite key that is taken names both of its fields", async () => {
    expect(await ask("POST", "slots", { a: 1, b: "x" })).toEqual(
      refused(409, "A record with the same value of 'a', 'b' already exists."),
    );
  });

  test("a row that is still needed is not removed, by id, by filter or by force", async () => {
    for (const path of ["products/1", "products?filter=id=1", "products?force=true"]) {
      const { status, body } = await ask("DELETE", path);
      expect({ status, message: (body as never as Failure).error.message }).toEqual({
        status: 409,
        message: expect.stringMatching(
          /^(?:A reference|The reference in 'id') is broken: the other record is missing, or is still needed\.$/,
        ),
      });
    }
    expect(await ask("GET", "products?fields=id&order=id")).toEqual(
      ok({ resource: [{ id: 1 }, { id: 2 }, { id: 3 }] }),
    );
  });

  test("the words of the database never show", async () => {
    for (const wrong of [{ code: "b" }, { country: "XX" }, { points: 1000 }]) {
      const body = JSON.stringify({ title: "e", ...wrong });
      const { text } = await fixture().ask("POST", "_table/tasks", { body });
      expect(text).not.toMatch(/INSERT|VALUES|constraint failed|violates (?:unique|foreign)|Duplicate entry|SQLSTATE/);
    }
  });

  test("the same failure many times at once leaves the service well", async () => {
    const asks = Array.from({ length: 20 }, () =>
      ask("POST", "tasks?rollback=true", [{ title: "eve" }, { title: "x", code: "b" }]),
    );
    expect((await Promise.all(asks)).map(({ status }) => status)).toEqual(asks.map(() => 400));
    expect(await tasksOf(fixture())).toEqual(SEEDED);
    expect((await ask("POST", "tasks", { title: "eve" })).status).toBe(200);
  });
};

type Failure = { readonly error: { readonly message: string } };

function outOfRange(bits: number): string {
  const half = 2n ** BigInt(bits - 1);
  return `Field 'points' must be between ${-half} and ${half - 1n}.`;
}
