import type { RecordStream } from "../contract/call.ts";
import { begun, through } from "../lib/iterate.ts";
import type { StreamWriter } from "./formats/format.ts";

/** What a platform has to know of an answer that goes on after it is given. */
export interface StreamHost {
  /** Does a step of the stream as a part of its request. */
  within<T>(step: () => T): T;
  /** The answer goes on until this is done; it never raises. */
  until(ended: Promise<void>): void;
}

export interface StreamOptions {
  readonly writer: StreamWriter;
  readonly platform?: StreamHost | undefined;
  /** Told why a stream ended before its end, where the client has not left it. */
  failed(error: unknown): void;
}

/**
 * Records as the body of an answer. Some are asked for whenever the client has taken those before; they end when it is
 * gone. The first are read before the answer begins, so that what fails at once can still be told. Who fails later breaks
 * the answer off: it must not look whole.
 */
export async function openStream(stream: RecordStream, options: StreamOptions): Promise<ReadableStream<Uint8Array>> {
  const { promise, resolve } = Promise.withResolvers<void>();
  options.platform?.until(promise);
  const records = await begun(through(stream.records, { item: (some) => some, ended: resolve }));
  return new ReadableStream(new Source(records[Symbol.asyncIterator](), options), { highWaterMark: 0 });
}

/** About how many characters are written as one text, so that many large records do not make one that is too long. */
const PIECE = 1024 * 1024;

class Source implements UnderlyingDefaultSource<Uint8Array> {
  readonly #records: AsyncIterator<readonly string[]>;
  readonly #options: StreamOptions;
  readonly #encoder = new TextEncoder();
  /** Read, but not written yet. */
  #unwritten: readonly string[] = [];
  /** Written, but not sent yet. */
  #text: string;
  #hasLeft = false;

  constructor(records: AsyncIterator<readonly string[]>, options: StreamOptions) {
    this.#records = records;
    this.#options = options;
    this.#text = options.writer.head;
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      let isDone = false;
      // A stream that is given nothing does not ask again.
      do isDone = await this.#write();
      while (!isDone && this.#text === "");
      if (this.#text !== "") controller.enqueue(this.#take());
      if (isDone) controller.close();
    } catch (error) {
      if (!this.#hasLeft) this.#options.failed(error);
      await this.#leave();
      // The server of a runtime may print it, wherever that goes.
      throw new Error("The answer broke off; the log says why.");
    }
  }

  /** The client is gone. */
  async cancel(): Promise<void> {
    this.#hasLeft = true;
    await this.#leave();
  }

  async #leave(): Promise<void> {
    await this.#within(() => this.#records.return?.());
  }

  /** Writes the next records, or the end; gives whether it was the end. */
  async #write(): Promise<boolean> {
    const { writer } = this.#options;
    if (this.#unwritten.length === 0) {
      const step = await this.#within(() => this.#records.next());
      if (step.done) {
        this.#text += writer.tail;
        return true;
      }
      this.#unwritten = step.value;
    }
    const end = pieceEnd(this.#unwritten);
    this.#text += writer.records(this.#unwritten.slice(0, end));
    this.#unwritten = this.#unwritten.slice(end);
    return false;
  }

  #take(): Uint8Array {
    const bytes = this.#encoder.encode(this.#text);
    this.#text = "";
    return bytes;
  }

  #within<T>(step: () => T): T {
    const { platform } = this.#options;
    return platform ? platform.within(step) : step();
  }
}

/** How many of these records make one piece: at least one of them, as long as there is one. */
function pieceEnd(records: readonly string[]): number {
  let length = 0;
  const past = records.findIndex((record) => {
    length += record.length;
    return length > PIECE;
  });
  return past < 0 ? records.length : Math.max(past, 1);
}
