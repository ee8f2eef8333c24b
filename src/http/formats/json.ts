import type { Format, StreamWriter } from "./format.ts";

export const json: Format = {
  name: "json",
  types: ["application/json"],
  holdsMeta: true,
  write: (value) => JSON.stringify(value),
  stream: () => new ListWriter(),
};

class ListWriter implements StreamWriter {
  readonly head = '{"resource":[';
  readonly tail = "]}";
  #separator = "";

  records(some: readonly string[]): string {
    if (some.length === 0) return "";
    const text = this.#separator + some.join(",");
    this.#separator = ",";
    return text;
  }
}
