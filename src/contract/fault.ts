/** Every way in which a call can fail, with the HTTP status that it answers. */
export const FAULT_STATUS = {
  bad_request: 400,
  batch: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  request_timeout: 408,
  conflict: 409,
  precondition_failed: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  unprocessable: 422,
  too_many_requests: 429,
  headers_too_large: 431,
  internal: 500,
  not_implemented: 501,
  unavailable: 503,
  timeout: 504,
} as const;

export type FaultCode = keyof typeof FAULT_STATUS;

export interface FaultDetail {
  /** What a program may read: the `context` of the error body. Shown to the caller. */
  readonly context?: unknown;
  /** Response headers that belong to this failure, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What went wrong underneath. Goes to the log, never to the caller. */
  readonly cause?: unknown;
}

/** The one error that is meant for a caller: its message is a whole sentence that holds no secret, SQL or path. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly context: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: FaultCode, message: string, detail: FaultDetail = {}) {
    super(message, { cause: detail.cause });
    this.name = "Fault";
    this.code = code;
    this.context = detail.context ?? null;
    this.headers = detail.headers ?? {};
  }

  get status(): number {
    return FAULT_STATUS[this.code];
  }

  /** The number that stands as `error.code` in an answer: the status, or 1000 for a batch. */
  get wireCode(): number {
    return this.code === "batch" ? 1000 : this.status;
  }
}
