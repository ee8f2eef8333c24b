/** The place of one request in a distributed trace (W3C Trace Context). */
export interface Trace {
  /** 32 lower-case hexadecimal digits, shared by all requests of the trace. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits: this request as this server serves it. */
  readonly spanId: string;
  /** Bit 1: the caller may have recorded the trace. Bit 2: the trace id is a random one. */
  readonly flags: number;
  /** What tracing systems along the way have noted: `tracestate`, to be handed on as it is. */
  readonly state?: string;
}
