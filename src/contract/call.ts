import type { Json, JsonObject } from "./json.ts";
import type { Principal } from "./principal.ts";
import type { Trace } from "./trace.ts";

/** The verbs of the API with their bits in a verb mask. */
export const VERB_BITS = { GET: 1, POST: 2, PUT: 4, PATCH: 8, DELETE: 16 } as const;
export type Verb = keyof typeof VERB_BITS;
export const VERBS = Object.keys(VERB_BITS) as readonly Verb[];
export const ALL_VERBS = 31;

/** Who speaks: a client over HTTP, or a script on its behalf. */
export const REQUESTOR_BITS = { api: 1, script: 2 } as const;
export type Requestor = keyof typeof REQUESTOR_BITS;

/** Query parameters by name; the last of several equal names wins. */
export type Params = ReadonlyMap<string, string>;

/** Some records of an upload, and the line at which each of them begins, counted from 1. */
export interface UploadPart {
  readonly records: readonly JsonObject[];
  readonly lines: readonly number[];
}

/** Records that arrive as they are read: the body of a request that is too large to be held. */
export interface Upload {
  /** The records in order, some at a time; to be asked for once. Raises `bad_request` that names the place. */
  records(): AsyncIterable<UploadPart>;
  /** From now on others have to wait while the client sends: one that takes its time raises `request_timeout`. */
  hurry(): void;
}

/** One request, from wherever it came, after HTTP has been left behind. */
export interface Call {
  readonly verb: Verb;
  /** Lower-cased service name; empty for the root of the API. */
  readonly service: string;
  /** Path segments after the service, each percent-decoded once. */
  readonly path: readonly string[];
  readonly params: Params;
  readonly body: Json | undefined;
  /** In place of `body`, where records are sent as CSV or NDJSON to a table. */
  readonly upload?: Upload;
  /** Whether the values of the body are texts, as CSV and forms have them: JSON stands in them as its text. */
  readonly texts?: boolean;
  /** A header of the request, its name in any case. */
  header(name: string): string | undefined;
  readonly principal: Principal;
  readonly requestor: Requestor;
  readonly requestId: string;
  /** To be carried on to whatever is called on behalf of this call. */
  readonly trace: Trace;
  /** The address that the caller used to reach the server, for links in answers. */
  readonly host: string;
  /** Aborted when the caller is gone. */
  readonly signal: AbortSignal;
}

/** Records that leave as they are read, some at a time, each as the JSON text of an object. */
export interface RecordStream {
  readonly records: AsyncIterable<readonly string[]>;
  /** The names that every record has, in this order. */
  readonly fields: readonly string[];
  /** Those of fields whose values may be any JSON. */
  readonly jsonFields?: readonly string[];
}

/** JSON text that nobody has to parse again. */
export interface JsonText {
  readonly json: string;
  /** The names that every record in it has, in this order; known even where there is no record. */
  readonly fields?: readonly string[];
  /** Those of fields whose values may be any JSON. */
  readonly jsonFields?: readonly string[];
}

/** What a handler answers: a value, JSON text, or a stream of records. */
export type Content = JsonText | { readonly value: Json } | RecordStream;

export interface Reply {
  readonly status: number;
  readonly content: Content;
  readonly headers?: Readonly<Record<string, string>>;
}
