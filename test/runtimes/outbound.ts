import { fetch as fetchOrConnect } from "miniflare";

type Fetch = typeof globalThis.fetch;

/**
 * What a Worker of the test harness fetches goes through the `fetch` of this process, which opens no WebSockets: those
 * go by the one of the emulator.
 */
export function letWorkersOpenWebSockets(): void {
  const plain = globalThis.fetch;
  const fetch = (input: Parameters<Fetch>[0], init?: Parameters<Fetch>[1]) =>
    new Headers(init?.headers).get("Upgrade") === "websocket"
      ? fetchOrConnect(input as never, init as never)
      : plain(input, init);
  globalThis.fetch = fetch as Fetch;
}
