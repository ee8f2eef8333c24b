import { describe, expect, test } from "vitest";
import { asRequest, presentScope } from "../../src/runtime/isolate/request-scope.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("a request of an isolate", () => {
  test("ends what it opened when its answer is given", async () => {
    const events: string[] = [];
    const { result, ended } = asRequest(async () => {
      presentScope().defer(async () => void events.push("closed"));
      events.push("answered");
    });
    await result;
    await ended;
    expect(events).toEqual(["answered", "closed"]);
  });

  test("whose answer streams keeps what it opened until the stream has ended", async () => {
    const events: string[] = [];
    const stream = Promise.withResolvers<void>();
    const { result, ended } = asRequest(async ({ until, within }) => {
      presentScope().defer(async () => void events.push("closed"));
      until(stream.promise);
      return within;
    });
    const within = await result;
    await turn();
    expect(events).toEqual([]);
    // What the stream opens on its way is of the same request, whoever asks for the next part.
    within(() => presentScope().defer(async () => void events.push("closed too")));
    expect(() => presentScope()).toThrow("Nothing is opened outside of a request.");
    stream.resolve();
    await ended;
    expect(events).toEqual(["closed", "closed too"]);
  });

  test("that fails ends what it opened all the same", async () => {
    const events: string[] = [];
    const { result, ended } = asRequest(async () => {
      presentScope().defer(async () => void events.push("closed"));
      throw new Error("no");
    });
    await expect(result).rejects.toThrow("no");
    await ended;
    expect(events).toEqual(["closed"]);
  });
});
