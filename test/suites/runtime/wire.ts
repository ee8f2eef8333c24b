import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** One answer as it came over the wire. Header names are in lower case. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type LengthOf = (headers: WireAnswer["headers"]) => number;

/** How a connection came to its end: by a FIN or by a reset. */
export type Ending = "ended" | "reset";

/** One TCP connection on which a test writes what it likes. */
export class Wire {
  readonly #socket: Socket;
  /** Resolves when the server has ended or reset the connection. */
  readonly ending: Promise<Ending>;
  #received = "";
  #end: Ending | undefined;
  #news: () => void = () => undefined;

  /** Raises the error of the socket, such as ECONNREFUSED. */
  static async connect(url: string): Promise<Wire> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, "connect");
    return new Wire(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.#received += text;
      this.#news();
    });
    this.ending = new Promise((resolve) => {
      const end = (how: Ending) => {
        this.#end ??= how;
        resolve(this.#end);
        this.#news();
      };
      socket.on("end", () => end("ended"));
      socket.on("error", () => end("reset"));
      socket.on("close", () => end("ended"));
    });
  }

  /** Everything that has come and is not read. */
  get received(): string {
    return this.#received;
  }

  send(text: string): this {
    this.#socket.write(text, "latin1");
    return this;
  }

  /** A request without a body, with a Host header. */
  ask(target: string, headers = ""): Promise<WireAnswer | undefined> {
    return this.send(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`).answer();
  }

  /** The next answer, interim ones too, without the parts of a chunked one; `undefined` when the connection ends before it is whole. */
  answer(): Promise<WireAnswer | undefined> {
    return this.#next((headers) => Number(headers["content-length"] ?? 0));
  }

  /** The next answer to HEAD, which has a length and no body. */
  head(): Promise<WireAnswer | undefined> {
    return this.#next(() => 0);
  }

  async #next(lengthOf: LengthOf): Promise<WireAnswer | undefined> {
    for (;;) {
      const answer = this.#take(lengthOf);
      if (answer !== undefined || this.#end !== undefined) return answer;
      await new Promise<void>((resolve) => {
        this.#news = resolve;
      });
    }
  }

  /** Stops to read what comes. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(lengthOf: LengthOf): WireAnswer | undefined {
    const [head] = this.#received.split("\r\n\r\n", 1);
    if (head === undefined || head.length === this.#received.length) return undefined;
    const [statusLine = "", ...lines] = head.split("\r\n");
    const headers = Object.fromEntries(lines.map(readHeader));
    const begin = head.length + 4;
    const end = begin + lengthOf(headers);
    if (this.#received.length < end) return undefined;
    const body = this.#received.slice(begin, end);
    this.#received = this.#received.slice(end);
    return { status: Number(statusLine.split(" ")[1]), headers, body };
  }
}

function readHeader(line: string): [string, string] {
  const at = line.indexOf(":");
  return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
}
