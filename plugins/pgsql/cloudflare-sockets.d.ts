/** The part of the platform's module that is used: https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/ */
declare module "cloudflare:sockets" {
  export interface Socket {
    readonly readable: ReadableStream<Uint8Array>;
    readonly writable: WritableStream<Uint8Array>;
    /** Rejects when no connection can be made; after `startTls`, when the handshake fails. */
    readonly opened: Promise<unknown>;
    readonly closed: Promise<void>;
    close(): Promise<void>;
    /** Goes on over TLS, verified by the platform's list of CAs and the host name. */
    startTls(): Socket;
  }
  export function connect(address: string, options: { readonly secureTransport: "starttls" }): Socket;
}
