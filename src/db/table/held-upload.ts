import type { Upload, UploadPart } from "../../contract/call.ts";
import { parseJson } from "../../lib/json.ts";
import { DatabaseError } from "../errors.ts";

const HELD = new WeakMap<Upload, HeldUpload>();

/** The records of an upload, of which the first are kept: they can be asked for again as long as no more were read. */
export class HeldUpload {
  readonly #upload: Upload;
  readonly #rest: AsyncIterator<UploadPart>;
  /** The parts that are kept, as JSON: objects would take many times the memory. */
  readonly #kept: string[] = [];
  #chars = 0;
  #isWhole = false;
  #isGone = false;

  /** The one of an upload, however often it is asked for. */
  static of(upload: Upload): HeldUpload {
    const held = HELD.get(upload) ?? new HeldUpload(upload);
    HELD.set(upload, held);
    return held;
  }

  private constructor(upload: Upload) {
    this.#upload = upload;
    this.#rest = upload.records()[Symbol.asyncIterator]();
  }

  /** The names of the fields in the first records. */
  async fields(): Promise<ReadonlySet<string>> {
    if (this.#kept.length === 0) await this.#keepNext();
    const { records } = unpack(this.#kept[0] ?? NOTHING);
    return new Set(records.flatMap((record) => Object.keys(record)));
  }

  /** Keeps records until there are no more, which it tells, or they are so many. Raises what reading them raises. */
  async keep(mostChars: number): Promise<boolean> {
    while (!this.#isWhole && this.#chars < mostChars) await this.#keepNext();
    return this.#isWhole;
  }

  /** From now on others have to wait while the client sends. */
  hurry(): void {
    this.#upload.hurry();
  }

  /** All records from the first on. Raises DatabaseError when some of them are gone. */
  async *parts(): AsyncGenerator<UploadPart> {
    if (this.#isGone) throw new DatabaseError("conflict");
    for (const kept of this.#kept) yield unpack(kept);
    if (!this.#isWhole) yield* this.#others();
  }

  /** Who leaves early wants no more of them. */
  async *#others(): AsyncGenerator<UploadPart> {
    this.#isGone = true;
    try {
      for (let part = await this.#next(); part; part = await this.#next()) yield part;
    } finally {
      if (!this.#isWhole) await this.#rest.return?.();
    }
  }

  async #keepNext(): Promise<void> {
    const part = await this.#next();
    if (part === undefined) return;
    const text = JSON.stringify(part);
    this.#kept.push(text);
    this.#chars += text.length;
  }

  async #next(): Promise<UploadPart | undefined> {
    const { done, value } = await this.#rest.next();
    if (done) this.#isWhole = true;
    return done ? undefined : value;
  }
}

const NOTHING = '{"records":[],"lines":[]}';

function unpack(text: string): UploadPart {
  return parseJson(text) as unknown as UploadPart;
}
