import type { RecordStream } from "../contract/call.ts";
import type { StreamWriter } from "./formats/format.ts";

/** What a platform has to know of an answer that goes on after it is given. */
export interface Streaming {
  /** Does a step of the stream as a part of its request. */
  within<T>(step: () => T): T;
  /** The answer goes on until this is done; it never raises. */
  until(ended: Promise<void>): void;
}

export interface StreamOptions {
  readonly writer: StreamWriter;
  readonly platform?: Streaming | undefined;
  /** Told why a stream ended before its end, where the client has not left it. */
  failed(error: unknown): void;
}

/**
 * Records as the body of an answer. Some are asked for whenever the client has taken those before; they end when it is
 * gone. The first are read before the answer begins, so that what fails at once can still be told. Who fails later breaks
 * the answer off: it must not look whole.
 */
export async function openStream(stream: RecordStream, options: StreamOptions): Promise<ReadableStream<Uint8Array>> {
  const source = new Source(stream.records[Symbol.asyncIterator](), options);
  await source.readFirst();
  return new ReadableStream(source, { highWaterMark: 0 });
}

type Step = IteratorResult<readonly string[]>;

class Source implements UnderlyingDefaultSource<Uint8Array> {
  readonly #records: AsyncIterator<readonly string[]>;
  readonly #options: StreamOptions;
  readonly #encoder = new TextEncoder();
  readonly #ended = Promise.withResolvers<void>();
  #first: Step | undefined;
  /** Written, but not sent yet. */
  #text: string;
  #hasLeft = false;

  constructor(records: AsyncIterator<readonly string[]>, options: StreamOptions) {
    this.#records = records;
    this.#options = options;
    this.#text = options.writer.head;
    options.platform?.until(this.#ended.promise);
  }

  async readFirst(): Promise<void> {
    try {
      this.#first = await this.#records.next();
    } catch (error) {
      this.#ended.resolve();
      throw error;
    }
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      let isDone = false;
      // A stream that is given nothing does not ask again.
      do isDone = await this.#write();
      while (!isDone && this.#text === "");
      if (this.#text !== "") controller.enqueue(this.#take());
      if (isDone) this.#close(controller);
    } catch (error) {
      this.#ended.resolve();
      if (!this.#hasLeft) this.#options.failed(error);
      // The server of a runtime may print it, wherever that goes.
      throw new Error("The answer broke off; the log says why.");
    }
  }

  /** The client is gone. */
  async cancel(): Promise<void> {
    this.#hasLeft = true;
    try {
      await this.#within(() => this.#records.return?.());
    } finally {
      this.#ended.resolve();
    }
  }

  /** Writes the next records, or the end; gives whether it was the end. */
  async #write(): Promise<boolean> {
    const { writer } = this.#options;
    const step = this.#first ?? (await this.#within(() => this.#records.next()));
    this.#first = undefined;
    this.#text += step.done ? writer.tail : writer.records(step.value);
    return step.done === true;
  }

  #take(): Uint8Array {
    const bytes = this.#encoder.encode(this.#text);
    this.#text = "";
    return bytes;
  }

  #close(controller: ReadableStreamDefaultController<Uint8Array>): void {
    controller.close();
    this.#ended.resolve();
  }

  #within<T>(step: () => T): T {
    const { platform } = this.#options;
    return platform ? platform.within(step) : step();
  }
}
