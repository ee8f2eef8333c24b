import { connect, type Socket } from "cloudflare:sockets";
import { connect as connectByNode } from "node:net";
import { Duplex } from "node:stream";
import { type ConnectFailure, DatabaseError } from "../../src/db/errors.ts";

type Done = (error?: Error | null) => void;

/** A server that speaks TLS, with which it could not be begun. */
class TlsFailure extends DatabaseError {}

/**
 * A TCP connection of Workers as a stream of Node that can go on over TLS, as the protocols of databases do. Emits
 * `connect` and `secureConnect`. Fails with a DatabaseError that tells the stage, or with Node's own error of a
 * connection that could not be made.
 */
export class SocketStream extends Duplex {
  #socket: Socket | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  /** What it means when the connection fails now. */
  #stage: ConnectFailure = "not_connected";

  constructor() {
    super({ allowHalfOpen: false });
  }

  connect(port: number, host: string): this {
    const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    this.#open(
      () => connect(address, { secureTransport: "starttls" }),
      "connect",
      () => reasonOf(port, host),
    );
    return this;
  }

  /** Goes on over TLS, verified by the platform. To be called while data is received: no read may be under way. */
  startTls(): void {
    this.#stage = "tls";
    this.#open(() => this.#released().startTls(), "secureConnect");
  }

  override _read(): void {
    this.#reader?.read().then(
      ({ value }) => this.push(value ?? null),
      (error: unknown) => {
        // Why it could not be opened is told by the one who opens it.
        if (this.#stage === "lost") this.#fail(error);
      },
    );
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    this.#writer?.write(chunk).then(
      () => done(),
      (error: unknown) => (this.#stage === "lost" ? done(this.#failure(error)) : undefined),
    );
  }

  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], done: Done): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "", done);
  }

  /** A server that hangs would never agree to the end. */
  override _final(done: Done): void {
    done();
    this.destroy();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#socket?.close().catch(() => {});
    done(error);
  }

  /** What the libraries ask of a socket of Node, and Workers see to by themselves. */
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  #open(open: () => Socket, event: string, reason: () => Promise<Error | undefined> = async () => undefined): void {
    try {
      this.#use(open());
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#socket?.opened.then(
      () => {
        this.#stage = "lost";
        this.emit(event);
      },
      async (error: unknown) => {
        // Who has given it up does not ask why.
        if (!this.destroyed) this.destroy((await reason()) ?? this.#failure(error));
      },
    );
  }

  #use(socket: Socket): void {
    this.#socket = socket;
    this.#reader = socket.readable.getReader();
    this.#writer = socket.writable.getWriter();
    // The end of a connection shows where it is read and written.
    for (const end of [socket.closed, this.#reader.closed, this.#writer.closed]) end.catch(() => {});
  }

  #released(): Socket {
    if (this.#socket === undefined) throw new Error("There is no connection.");
    this.#reader?.releaseLock();
    this.#writer?.releaseLock();
    return this.#socket;
  }

  #failure(cause: unknown): DatabaseError {
    const Failure = this.#stage === "tls" ? TlsFailure : DatabaseError;
    return new Failure("unavailable", { cause, connect: this.#stage });
  }

  #fail(cause: unknown): void {
    this.destroy(this.#failure(cause));
  }
}

/** How long it may take to find out why a connection could not be made, in milliseconds. */
const REASON_WITHIN_MS = 250;

/** The platform's socket does not say why it could not be opened; another try by way of Node's does, where it is known. */
function reasonOf(port: number, host: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const again = connectByNode({ port, host });
    const settle = (error?: Error & { readonly code?: string }) => {
      clearTimeout(timer);
      again.destroy();
      resolve(error?.code === undefined ? undefined : error);
    };
    const timer = setTimeout(() => settle(), REASON_WITHIN_MS);
    again.once("error", settle).once("connect", () => settle());
  });
}

/**
 * Connects over TLS. The platform does not tell a certificate that it refuses from a connection that broke: what broke by
 * chance goes well the next time, and is no reason to do without TLS.
 */
export async function onceMoreIfTlsFailed<T>(connect: () => Promise<T>): Promise<T> {
  try {
    return await connect();
  } catch (error) {
    if (!(error instanceof TlsFailure)) throw error;
  }
  return connect();
}
