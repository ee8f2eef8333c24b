import { Fault } from "../contract/fault.ts";
import { within } from "../lib/within.ts";

/** For the next bytes: a little less than requests that wait for a connection do by default (5 s). */
const MOST_SILENT_MS = 4_000;
/** For all of a body together, besides the time that its bytes take at the slowest speed. */
const MOST_WAITED_MS = 10_000;
/** 64 KiB a second: slower than any line that files are sent by. */
const LEAST_BYTES_PER_MS = 65.536;

/** How long a client that sends a body is waited for: as long as the server lets it, until others have to wait for it too. */
export class Pace {
  #isHurried = false;
  #waitedMs = 0;
  #bytes = 0;

  /** From now on others wait. */
  hurry(): void {
    this.#isHurried = true;
  }

  /** The next part of the body. Raises `request_timeout`. */
  async next<T extends { readonly value?: Uint8Array | undefined }>(coming: Promise<T>): Promise<T> {
    if (!this.#isHurried) return coming;
    const began = performance.now();
    const left = MOST_WAITED_MS + this.#bytes / LEAST_BYTES_PER_MS - this.#waitedMs;
    const part = await within(coming, Math.max(0, Math.min(left, MOST_SILENT_MS)));
    if (part === undefined) throw new Fault("request_timeout", "The upload came in too slowly and was broken off.");
    this.#waitedMs += performance.now() - began;
    this.#bytes += part.value?.byteLength ?? 0;
    return part;
  }
}
