import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

export interface Upstream {
  readonly host: string;
  readonly port: number;
}

/** Both ends of a connection through the proxy. */
interface Line {
  readonly client: Socket;
  readonly server: Socket | undefined;
}

/** The way to a server over TCP, to be cut, blocked and closed at will; always on the same port. */
export class CutProxy {
  readonly #upstream: Upstream;
  readonly #lines = new Set<Line>();
  #door: Server | undefined;
  #port = 0;
  #swallows = false;

  private constructor(upstream: Upstream) {
    this.#upstream = upstream;
  }

  /** A proxy on a port of 127.0.0.1 that passes. The caller closes it. */
  static async to(upstream: Upstream): Promise<CutProxy> {
    const proxy = new CutProxy(upstream);
    await proxy.pass();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  /** New connections pass. Those that were swallowed stay lost, as behind a firewall that has forgotten them. */
  async pass(): Promise<void> {
    this.#swallows = false;
    if (this.#door !== undefined) return;
    const door = createServer((socket) => this.#admit(socket));
    door.listen(this.#port, "127.0.0.1");
    await once(door, "listening");
    this.#door = door;
    this.#port = (door.address() as { port: number }).port;
  }

  /** Breaks all connections by a reset (RST) or in order (FIN). New ones pass. */
  cut(how: "reset" | "end"): void {
    for (const line of this.#lines) how === "reset" ? reset(line) : end(line);
  }

  /** Breaks all connections, and lets nobody in: connecting is refused. */
  refuse(): void {
    this.#door?.close();
    this.#door = undefined;
    this.cut("reset");
  }

  /** Takes connections and bytes, passes none on, and gives no answer: all connections become black holes. */
  swallow(): void {
    this.#swallows = true;
    for (const { client, server } of this.#lines) {
      if (server === undefined) continue;
      for (const socket of [client, server]) socket.unpipe().resume();
    }
  }

  close(): void {
    this.refuse();
  }

  #admit(client: Socket): void {
    const server = this.#swallows ? undefined : connect({ ...this.#upstream, noDelay: true });
    const line = { client, server };
    this.#lines.add(line);
    client.setNoDelay(true);
    for (const socket of [client, server]) {
      socket?.on("error", () => reset(line));
      socket?.once("close", () => this.#forget(line));
    }
    if (server === undefined) client.resume();
    else client.pipe(server).pipe(client);
  }

  #forget(line: Line): void {
    this.#lines.delete(line);
    line.client.destroy();
    line.server?.destroy();
  }
}

function reset({ client, server }: Line): void {
  client.resetAndDestroy();
  server?.destroy();
}

function end({ client, server }: Line): void {
  client.unpipe().end();
  server?.destroy();
}
