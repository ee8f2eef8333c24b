import type { RecordStream, Reply } from "../../contract/call.ts";
import { Fault } from "../../contract/fault.ts";
import type { Json, JsonObject } from "../../contract/json.ts";
import { parseJson } from "../../lib/json.ts";
import { resolveReferences } from "./references.ts";

/** What all answers of a batch, and all that references bring into its bodies, may come to: characters of JSON. */
const MOST_CHARS = 16 * 1024 * 1024;

/** What has come of the operations of a batch so far. */
export class Results {
  readonly #list: JsonObject[] = [];
  #left = MOST_CHARS;

  get list(): readonly Json[] {
    return this.#list;
  }

  /** The body of the next operation with the values that its references name. Raises `bad_request` and `payload_too_large`. */
  resolve(body: Json | undefined, operation: number): Json | undefined {
    const bodies = this.#list.map((result) => result.body ?? null);
    return resolveReferences(body, { operation, results: bodies, take: (value) => this.#take(lengthOf(value)) });
  }

  /** Notes what an operation answered. Raises `bad_request` for a stream, which is ended, and `payload_too_large`. */
  async add({ status, content }: Reply): Promise<void> {
    if ("records" in content) {
      await left(content);
      throw new Fault("bad_request", "An operation of a batch can not answer with a stream (limit=all).");
    }
    const json = "json" in content ? content.json : JSON.stringify(content.value);
    this.#take(json.length);
    this.#list.push({ status, body: parseJson(json) });
  }

  fail({ status, wireCode, message, context }: Fault): void {
    const error = { code: wireCode, context: (context ?? null) as Json, message, status_code: status };
    this.#list.push({ status, body: { error } });
  }

  #take(chars: number): void {
    this.#left -= chars;
    if (this.#left < 0)
      throw new Fault("payload_too_large", `The answers of a batch hold more than ${MOST_CHARS} characters.`);
  }
}

/** Lets go of what holds a stream open. */
async function left({ records }: RecordStream): Promise<void> {
  await records[Symbol.asyncIterator]().return?.();
}

function lengthOf(value: Json): number {
  return typeof value === "object" && value !== null ? JSON.stringify(value).length : String(value).length;
}
