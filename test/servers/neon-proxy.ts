import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { DatabaseError, Pool, type PoolClient, type PoolConfig } from "pg";
import { acceptWebSocket } from "./websocket.ts";

/** One query as Neon's driver sends it; `params` are texts. */
interface Query {
  readonly query: string;
  readonly params: readonly (string | null)[];
}

/** What the proxy answers instead of asking the database; without a status it never answers. */
export interface Refusal {
  readonly status?: number;
  readonly body?: string;
  /** Where it redirects to. */
  readonly location?: string;
}

/**
 * Speaks Neon's protocols in front of a PostgreSQL: `POST /sql`, and at `/v2` a WebSocket to its port. Like Neon it keeps
 * the connections behind HTTP, and lends them to the next request as they were left.
 */
export interface NeonProxy {
  /** What a service's config names as its proxy. */
  readonly url: string;
  /** The queries of each request over HTTP until now. */
  readonly sent: readonly (readonly string[])[];
  /** The addresses that WebSockets were opened to until now. */
  readonly tunnels: readonly string[];
  /** Answers all requests over HTTP so while `work` runs. */
  refusing<T>(refusal: Refusal, work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
  /** Listens at the same port again. */
  open(): Promise<void>;
}

/** Starts a proxy in front of the PostgreSQL that listens at this port of this machine. */
export async function startNeonProxy(postgresPort: number): Promise<NeonProxy> {
  const state: State = {
    postgresPort,
    sent: [],
    tunnels: [],
    pools: new Map(),
    sockets: new Set(),
    refusal: undefined,
  };
  let server = makeServer(state);
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    sent: state.sent,
    tunnels: state.tunnels,
    refusing: (refusal, work) => {
      state.refusal = refusal;
      return work().finally(() => {
        state.refusal = undefined;
      });
    },
    close: () => closeServer(server, state),
    open: () => {
      server = makeServer(state);
      return listen(server, port);
    },
  };
}

interface State {
  readonly postgresPort: number;
  readonly sent: (readonly string[])[];
  readonly tunnels: string[];
  /** By the connection string. */
  readonly pools: Map<string, Pool>;
  readonly sockets: Set<Socket>;
  refusal: Refusal | undefined;
}

function makeServer(state: State): Server {
  const server = createServer((request, response) => {
    void answer(request, response, state).catch(() => response.destroy());
  });
  server.on("connection", (socket) => {
    state.sockets.add(socket);
    socket.on("close", () => state.sockets.delete(socket));
  });
  server.on("upgrade", (request, socket: Socket) => {
    state.tunnels.push(new URL(request.url ?? "", "http://proxy").searchParams.get("address") ?? "");
    acceptWebSocket(request, socket, connect(state.postgresPort, "127.0.0.1"));
  });
  return server;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
}

async function closeServer(server: Server, { sockets, pools }: State): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  await closed;
  const ended = [...pools.values()].map((pool) => pool.end());
  pools.clear();
  await Promise.all(ended);
}

async function answer(request: IncomingMessage, response: ServerResponse, state: State): Promise<void> {
  const body = JSON.parse(await text(request));
  const queries: readonly Query[] = body.queries ?? [body];
  state.sent.push(queries.map(({ query }) => query));
  if (state.refusal) return refuse(response, state.refusal);
  try {
    const results = await lend(poolOf(request, state), response, (client) =>
      body.queries === undefined ? run(client, queries) : runBatch(client, queries),
    );
    reply(response, 200, JSON.stringify(body.queries === undefined ? results[0] : { results }));
  } catch (error) {
    reply(response, 400, JSON.stringify(failureOf(error)));
  }
}

function refuse(response: ServerResponse, { status, body = "", location }: Refusal): void {
  if (location !== undefined) response.setHeader("Location", location);
  if (status !== undefined) reply(response, status, body);
}

function reply(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(body);
}

function poolOf({ headers }: IncomingMessage, { pools, postgresPort }: State): Pool {
  if (headers["neon-raw-text-output"] !== "true" || headers["neon-array-mode"] !== "true")
    throw new Error("Not spoken.");
  const url = String(headers["neon-connection-string"]);
  const known = pools.get(url);
  if (known !== undefined) return known;
  const pool = new Pool(configOf(new URL(url), postgresPort));
  // Without a listener, a connection that breaks would end the tests' process.
  pool.on("error", () => {});
  pools.set(url, pool);
  return pool;
}

/** The string names user, password and database; its host is that of the endpoint, behind which the server is. */
function configOf({ username, password, pathname }: URL, port: number): PoolConfig {
  const [user = "", secret = "", database = ""] = [username, password, pathname.slice(1)].map(decodeURIComponent);
  const types = { getTypeParser: () => (cell: string) => cell };
  return { host: "127.0.0.1", port, user, password: secret, database, types: types as never, max: 3 };
}

/** What nobody waits for any more is cancelled. */
async function lend<T>(pool: Pool, response: ServerResponse, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let isLent = true;
  const giveBack = (destroy: boolean) => {
    if (isLent) client.release(destroy);
    isLent = false;
  };
  response.on("close", () => giveBack(true));
  return work(client).finally(() => giveBack(false));
}

async function runBatch(client: PoolClient, queries: readonly Query[]) {
  await client.query("BEGIN");
  const results = await run(client, queries).catch(async (error) => {
    await client.query("ROLLBACK");
    throw error;
  });
  await client.query("COMMIT");
  return results;
}

async function run(client: PoolClient, queries: readonly Query[]) {
  const results = [];
  for (const { query, params } of queries) {
    // By the extended protocol, as Neon does it, which takes one command only.
    const asked = { text: query, values: [...params], rowMode: "array" as const, queryMode: "extended" };
    const { command, rowCount, rows, fields } = await client.query(asked);
    results.push({ command, rowCount, rowAsArray: true, rows, fields });
  }
  return results;
}

/** The fields of an error of the database; one of the way to it has a message alone. */
function failureOf(error: unknown) {
  const { message, ...fields } = error as DatabaseError;
  return error instanceof DatabaseError ? { ...fields, message } : { message: String(error), code: "" };
}
