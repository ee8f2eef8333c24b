import { setTimeout as sleep } from "node:timers/promises";
import { Daemon } from "./daemon.ts";
import { type Ground, layGround } from "./ground.ts";
import { installPackages } from "./install.ts";

/** A server that cannot be had, and why, in one sentence. */
export interface Unavailable {
  readonly title: string;
  readonly unavailable: string;
}

/** Where a server answers to an administrator, and the file of the CA that signed its certificate, if it speaks TLS. */
export interface ServerAddress {
  readonly url: string;
  readonly caFile?: string;
}

/** What a test file is given for a server: see `inject` of vitest. */
export type ProvidedServer = ServerAddress | Unavailable;

/** The programs that make a server's first files and that serve. */
export interface Programs {
  readonly install: string;
  readonly serve: string;
}

/** All that is particular to one kind of server. */
export interface ServerKind {
  readonly title: string;
  /** The environment variable that names a running server. */
  readonly variable: string;
  /** The system user that it runs as when the tests run as root. */
  readonly account: string;
  readonly packages: readonly string[];
  /** The signals for an orderly and for an immediate end. */
  readonly signals: { readonly stop: NodeJS.Signals; readonly quit: NodeJS.Signals };
  findPrograms(): Programs | undefined;
  /** Packages that some suites want besides and that are not installed; those suites can do without. */
  missingExtras?(programs: Programs): readonly string[];
  /** Makes the server's first files. */
  initialise(ground: Ground, programs: Programs): Promise<void>;
  command(ground: Ground, programs: Programs): readonly string[];
  url(ground: Ground): string;
  /** Logs in and out. Raises when that fails. */
  ping(url: string): Promise<void>;
}

const START_WITHIN_MS = 30_000;
const START_ATTEMPTS = 20;

/** A server process that belongs to this process, to be stopped, frozen and killed at will; always on the same port. */
export class OwnServer implements ServerAddress {
  readonly url: string;
  readonly caFile?: string;
  readonly port: number;
  readonly #kind: ServerKind;
  readonly #ground: Ground;
  readonly #command: readonly string[];
  #daemon: Daemon | undefined;

  constructor(kind: ServerKind, ground: Ground, programs: Programs) {
    this.#kind = kind;
    this.#ground = ground;
    this.#command = kind.command(ground, programs);
    this.url = kind.url(ground);
    this.port = ground.port;
    if (ground.certificate) this.caFile = ground.certificate.cert;
  }

  /** The id of the server's (main) process. Raises while it is stopped. */
  get pid(): number {
    if (this.#daemon === undefined) throw new Error("The server does not run.");
    return this.#daemon.pid;
  }

  /** Starts it and waits until it lets an administrator in; does nothing when it runs. */
  async start(): Promise<void> {
    for (let attempt = 1; !this.#daemon?.runs; attempt++) {
      const daemon = new Daemon(this.#ground, this.#command, this.#kind.signals.quit);
      daemon.unref();
      this.#daemon = daemon;
      const ready = await this.#untilReady(daemon);
      if (ready) return;
      // After a SIGKILL, PostgreSQL will not start before the last of its orphans is gone.
      if (attempt === START_ATTEMPTS) throw new Error(`it ended at once: ${daemon.lastWords}`);
      await sleep(200);
    }
  }

  /** Ends it in order; connections are broken. Its data stay. */
  async stop(): Promise<void> {
    await this.#daemon?.end(this.#kind.signals.stop);
  }

  /** Ends it as a crash would. Its data stay. */
  async kill(): Promise<void> {
    await this.#daemon?.end("SIGKILL");
  }

  /** Ends it in order and starts it again. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Makes it hang, its connections too: the port takes connections, nothing ever answers (Linux). */
  freeze(): void {
    this.#daemon?.signal("SIGSTOP", "children too");
  }

  /** Ends what {@link freeze} began. */
  thaw(): void {
    this.#daemon?.signal("SIGCONT", "children too");
  }

  /** Ends it for good and removes its folder. */
  async close(): Promise<void> {
    await this.#daemon?.end(this.#kind.signals.quit);
    this.#ground.remove();
  }

  async #untilReady(daemon: Daemon): Promise<boolean> {
    const deadline = Date.now() + START_WITHIN_MS;
    while (daemon.runs) {
      const refusal = await this.#kind.ping(this.url).catch((error: unknown) => error ?? "no reason");
      if (refusal === undefined) return true;
      if (Date.now() > deadline) throw new Error(`it does not let anybody in: ${refusal}`);
      await sleep(30);
    }
    return false;
  }
}

/** Starts an instance of its own, installing the server first if that is possible. The caller closes it. */
export async function startServer(kind: ServerKind): Promise<OwnServer | Unavailable> {
  try {
    return await startOwn(kind);
  } catch (error) {
    return { title: kind.title, unavailable: error instanceof Error ? error.message : String(error) };
  }
}

/** The server that the kind's variable names, else one of its own. Raises when the named one does not answer. */
export async function findServer(kind: ServerKind): Promise<OwnServer | ProvidedServer> {
  const url = process.env[kind.variable];
  if (!url) return startServer(kind);
  await kind.ping(url).catch((error) => {
    throw new Error(`The server that ${kind.variable} names does not let the tests in.`, { cause: error });
  });
  return { url };
}

async function startOwn(kind: ServerKind): Promise<OwnServer> {
  if (kind.findPrograms() === undefined) await installPackages(kind.packages);
  const programs = kind.findPrograms();
  if (programs === undefined) throw new Error(`${kind.packages.join(" ")} is installed but its programs are not found`);
  await installExtras(kind.missingExtras?.(programs) ?? []);
  const ground = await layGround(kind.title.toLowerCase(), kind.account);
  const server = new OwnServer(kind, ground, programs);
  try {
    await kind.initialise(ground, programs);
    await server.start();
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** Where they can not be installed, the suites that want them are skipped. */
async function installExtras(packages: readonly string[]): Promise<void> {
  if (packages.length === 0) return;
  await installPackages(packages).catch((error: Error) => console.log(`Some suites are skipped: ${error.message}`));
}
