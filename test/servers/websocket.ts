import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/** RFC 6455, 1.3. */
const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** Accepts a WebSocket, and carries bytes between its binary messages and a TCP connection until either ends. */
export function acceptWebSocket(request: IncomingMessage, socket: Socket, target: Socket): void {
  const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}${MAGIC}`).digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const read = frameReader((opcode, payload) => {
    if (opcode === CLOSE) socket.end(frame(CLOSE, payload));
    else if (opcode === PING) socket.write(frame(PONG, payload));
    else target.write(payload);
  });
  socket.on("data", read);
  target.on("data", (bytes) => socket.write(frame(BINARY, bytes)));
  for (const [each, other] of [
    [socket, target],
    [target, socket],
  ] as const) {
    each.on("error", () => {}).on("close", () => other.destroy());
  }
}

/** A frame from the server: whole and not masked. */
function frame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0x80 | opcode), lengthOf(payload), payload]);
}

function lengthOf({ length }: Buffer): Buffer {
  if (length < 126) return Buffer.of(length);
  if (length < 0x10000) return Buffer.of(126, length >> 8, length & 0xff);
  const bytes = Buffer.alloc(9, 127);
  bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}

/** Takes bytes as they come and gives each frame with its payload unmasked. A message in several frames is as good as several. */
function frameReader(take: (opcode: number, payload: Buffer) => void): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (let size = frameSize(rest); size !== undefined && rest.length >= size.end; size = frameSize(rest)) {
      const mask = rest.subarray(size.start - 4, size.start);
      const payload = rest.subarray(size.start, size.end).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
      take((rest[0] ?? 0) & 0x0f, Buffer.from(payload));
      rest = rest.subarray(size.end);
    }
  };
}

/** Where the payload of the first frame starts and ends; `undefined` while its head is not all there. Clients always mask. */
function frameSize(bytes: Buffer): { readonly start: number; readonly end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const start = 6 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  if (bytes.length < start) return undefined;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  return { start, end: start + length };
}
