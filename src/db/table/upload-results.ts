import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import { isJsonObject, parseStored } from "../../lib/json.ts";

/** An answer tells of no more records than a page holds, and of no more text; behind them they are counted. */
const MOST_TOLD = 100_000;
const MOST_CHARS = 16 * 1024 * 1024;

interface FaultEntry {
  readonly message: string;
}

/** What became of the records of an upload, in little memory. */
export class UploadResults {
  /** JSON texts of several records each, joined by commas. */
  readonly #texts: string[] = [];
  #chars = 0;
  #told = 0;
  #count = 0;
  readonly #failed: number[] = [];

  /** How many records there were so far. */
  get count(): number {
    return this.#count;
  }

  get hasFailed(): boolean {
    return this.#failed.length > 0;
  }

  /** Records that were created. */
  add(texts: readonly string[]): void {
    this.#count += texts.length;
    const isRoom = this.#told < MOST_TOLD && this.#chars < MOST_CHARS;
    const isBehindAll = this.#told === this.#count - texts.length;
    if (!isRoom || !isBehindAll || texts.length === 0) return;
    const told = texts.slice(0, MOST_TOLD - this.#told);
    const text = told.join(",");
    this.#texts.push(text);
    this.#told += told.length;
    this.#chars += text.length;
  }

  /** Records of which some could not be created, as their batch failure tells, with the lines where they begin. */
  addBatch(fault: Fault, lines: readonly number[]): void {
    const { error, resource } = fault.context as {
      readonly error: readonly number[];
      readonly resource: readonly Json[];
    };
    const before = this.#count;
    const failed = new Set(error);
    this.add(resource.map((each, at) => JSON.stringify(failed.has(at) ? atLine(each, lines[at]) : each)));
    this.#note(error.map((at) => before + at));
  }

  /** The upload ended in a failure that belongs to no record of its own. */
  fail(entry: FaultEntry): void {
    this.#note([this.#count]);
    this.add([JSON.stringify(entry)]);
  }

  /** The answer. Raises the batch failure when a record has failed. */
  answer(): string {
    if (this.hasFailed) throw this.fault(false);
    const rest = this.#told < this.#count ? `,"meta":{"count":${this.#count}}` : "";
    return `{"resource":[${this.#texts.join(",")}]${rest}}`;
  }

  fault(isUndone: boolean): Fault {
    const suffix = isUndone ? " All changes rolled back." : "";
    return new Fault("batch", `Batch Error: Not all requested records could be created.${suffix}`, {
      context: { error: this.#failed, resource: parseStored(`[${this.#texts.join(",")}]`) },
    });
  }

  #note(failed: readonly number[]): void {
    this.#failed.push(...failed.slice(0, MOST_TOLD - this.#failed.length));
  }
}

function atLine(entry: Json, line: number | undefined): Json {
  return isJsonObject(entry) && line !== undefined
    ? { ...entry, message: `Line ${line}: ${String(entry.message)}` }
    : entry;
}
