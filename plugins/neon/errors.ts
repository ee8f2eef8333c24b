import { type ConnectFailure, DatabaseError } from "../../src/db/errors.ts";
import { connectError, statementError } from "../pgsql/errors.ts";

/** What the endpoint, or Cloudflare in its place (52x, 530), says by the status alone. */
const STATUSES: Readonly<Record<number, ConnectFailure>> = {
  401: "password",
  403: "no_privilege",
  404: "name_not_found",
  408: "unreachable",
  429: "too_many",
  504: "unreachable",
  521: "refused",
  522: "unreachable",
  523: "unreachable",
  524: "unreachable",
  525: "tls",
  526: "tls",
  530: "name_not_found",
};

interface Reply {
  /** 400 when the library has read the body itself. */
  readonly status: number;
  readonly body: { readonly code?: unknown; readonly message?: string };
}

/** What went wrong with a statement sent over HTTP. What the database says has an SQLSTATE; all else is about the way to it. */
export function httpError(error: unknown): DatabaseError {
  const reply = replyOf(error);
  if (reply === undefined) return new DatabaseError("unavailable", { cause: error, connect: "lost" });
  if (isSqlState(reply.body.code)) return statementError(reply.body);
  const connect = STATUSES[reply.status] ?? failureIn(reply.body);
  return new DatabaseError("unavailable", { cause: error, connect });
}

function isSqlState(code: unknown): boolean {
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code);
}

/** Neon's names all lead to its proxy, which then says whether there is such an endpoint. */
function failureIn(body: Reply["body"]): ConnectFailure | undefined {
  return /endpoint could not be found/.test(body.message ?? "") ? "name_not_found" : connectError(body).connect;
}

/** Whether the statement (413) or its answer (507) is more than Neon carries over HTTP; nothing has been done then. */
export function isTooLarge(error: unknown): boolean {
  return [413, 507].includes(replyOf(error)?.status ?? 0);
}

/** What the library makes of an answer that is none: an error with the fields of the body, or with all of it in its sentence. */
function replyOf(error: unknown): Reply | undefined {
  if (!isRefusal(error)) return undefined;
  const [, status, text = ""] = /^Server error \(HTTP status (\d+)\): (.*)$/s.exec(error.message) ?? [];
  return status === undefined ? { status: 400, body: error } : { status: Number(status), body: bodyOf(text) };
}

/** An error of the library with a source is one of the network: nobody answered. */
function isRefusal(error: unknown): error is Error & Reply["body"] {
  return error instanceof Error && error.name === "NeonDbError" && !(error as { sourceError?: unknown }).sourceError;
}

function bodyOf(text: string): Reply["body"] {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
