import { Fault } from "../contract/fault.ts";
import { Pace } from "./pace.ts";

/** Raises `unsupported_media_type` for a body that is compressed, or is not UTF-8 by its own word. */
export function demandPlain({ headers }: Request): void {
  const coding = headers.get("Content-Encoding")?.trim().toLowerCase() ?? "";
  if (coding !== "" && coding !== "identity")
    throw new Fault("unsupported_media_type", "The body of the request must not be compressed.");
  const [, charset] = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(headers.get("Content-Type") ?? "") ?? [];
  if (charset !== undefined) demandUtf8(charset);
}

/** ASCII is UTF-8, too. */
const CHARSETS = ["utf-8", "utf8", "us-ascii", "ascii"];

/** Raises `unsupported_media_type` for the name of another encoding. */
export function demandUtf8(encoding: string): void {
  if (CHARSETS.includes(encoding.toLowerCase())) return;
  throw new Fault("unsupported_media_type", "The body of the request must be in UTF-8.");
}

/** The whole body as text. Raises `payload_too_large`, and `bad_request` for what is no UTF-8. */
export async function readText(request: Request, mostBytes: number): Promise<string> {
  const tooLarge = () => new Fault("payload_too_large", `The body of the request is larger than ${mostBytes} bytes.`);
  if (Number(request.headers.get("Content-Length") ?? 0) > mostBytes) throw tooLarge();
  const decoder = new Utf8();
  let size = 0;
  let text = "";
  for await (const chunk of chunksOf(request)) {
    size += chunk.byteLength;
    if (size > mostBytes) throw tooLarge();
    text += decoder.next(chunk);
  }
  return text + decoder.end();
}

/** The body as text, in pieces as they arrive, at least at the pace. Raises `bad_request` and `request_timeout`. */
export async function* textPieces(request: Request, pace: Pace): AsyncGenerator<string> {
  const decoder = new Utf8();
  for await (const chunk of chunksOf(request, pace)) yield decoder.next(chunk);
  yield decoder.end();
}

/** Only the client ends a body too early: that is no failure of the server. */
async function* chunksOf({ body }: Request, pace = new Pace()): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  if (reader === undefined) return;
  try {
    for (let part = await pace.next(reader.read()); part.value; part = await pace.next(reader.read())) yield part.value;
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault("bad_request", "The body of the request ended too early.", { cause });
  } finally {
    // Of one that is read to its end nothing is left.
    reader.cancel().catch(() => undefined);
    reader.releaseLock();
  }
}

class Utf8 {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });

  next(chunk: Uint8Array): string {
    return this.#decode(() => this.#decoder.decode(chunk, { stream: true }));
  }

  end(): string {
    return this.#decode(() => this.#decoder.decode());
  }

  #decode(decode: () => string): string {
    try {
      return decode();
    } catch {
      throw new Fault("bad_request", "The body of the request is not valid UTF-8.");
    }
  }
}
