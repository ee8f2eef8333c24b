import { Fault } from "../contract/fault.ts";

/** Raises `unsupported_media_type` for a body that is compressed. */
export function demandPlain(request: Request): void {
  const coding = request.headers.get("Content-Encoding")?.trim().toLowerCase() ?? "";
  if (coding === "" || coding === "identity") return;
  throw new Fault("unsupported_media_type", "The body of the request must not be compressed.");
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

/** The body as text, in pieces as they arrive. Raises `bad_request`. */
export async function* textPieces(request: Request): AsyncGenerator<string> {
  const decoder = new Utf8();
  for await (const chunk of chunksOf(request)) yield decoder.next(chunk);
  yield decoder.end();
}

/** Only the client ends a body too early: that is no failure of the server. */
async function* chunksOf(request: Request): AsyncGenerator<Uint8Array> {
  try {
    yield* request.body ?? [];
  } catch (cause) {
    throw new Fault("bad_request", "The body of the request ended too early.", { cause });
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
