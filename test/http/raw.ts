import { connect } from "node:net";

/** An answer as it came over the wire. */
export interface RawAnswer {
  /** 0 where the connection was closed without an answer. */
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends these bytes on a connection of their own, and reads the one answer until the server closes. */
export function sendRaw(url: string, ...parts: readonly (string | Uint8Array)[]): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    const socket = connect(Number(port), hostname, () => {
      for (const part of parts) socket.write(part);
    });
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", (error) => (chunks.length > 0 ? undefined : reject(error)));
    socket.on("close", () => resolve(readAnswer(Buffer.concat(chunks).toString("utf8"))));
  });
}

/** A request without a body, its target exactly as given: clients tidy it up otherwise. */
export function askRaw(url: string, target: string, headers: Readonly<Record<string, string>> = {}, method = "GET") {
  const lines = Object.entries({ Host: new URL(url).host, Connection: "close", ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return sendRaw(url, `${method} ${target} HTTP/1.1\r\n${head}\r\n`);
}

function readAnswer(wire: string): RawAnswer {
  const end = wire.indexOf("\r\n\r\n");
  const [first = "", ...lines] = wire.slice(0, end).split("\r\n");
  const headers = new Headers(
    lines.map((line): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
  return { status: Number(first.split(" ")[1] ?? 0), headers, text: wire.slice(end + 4) };
}

/** The JSON of an answer, whether it came in one piece or in chunks. */
export function bodyOf(text: string): string {
  return text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1);
}
