import type { Reply } from "../contract/call.ts";
import { FAULT_STATUS, Fault, type FaultCode } from "../contract/fault.ts";
import type { Json, JsonObject } from "../contract/json.ts";
import type { Once, OnceRequest } from "../contract/once.ts";
import { DatabaseError } from "../db/errors.ts";
import { isJsonObject, parseJson } from "../lib/json.ts";
import type { Rows, SystemRow } from "./rows.ts";
import type { Vault } from "./secrets.ts";
import type { Store } from "./store.ts";

const TABLE = "idempotency";
const HOUR_MS = 3_600_000;
/** How long an answer is kept. */
const KEPT_MS = 24 * HOUR_MS;
/** Who has not ended by then never will: its process is gone. */
const LOST_MS = HOUR_MS / 4;
/** A longer answer is not kept: its repeat is only told that the request was done. */
const LONGEST_ANSWER = 1024 * 1024;
/** One of so many new keys sweeps out what is too old. */
const SWEEP_EVERY = 100;

/** Does each write once for all nodes that share the store. */
export function onceIn(store: Store): Once {
  return async (asked, work) => {
    const key = await sha256(asked.identity);
    const claim: Claim = { rows: () => store.rows(), vault: store.vault, key, asked, began: Date.now() };
    const earlier = await take(claim);
    return earlier === undefined ? finish(claim, work) : answerOf(earlier, claim);
  };
}

interface Claim {
  /** Each use has a time limit of its own: the work between may take long. */
  readonly rows: () => Rows;
  readonly vault: Vault;
  /** A digest of who asks and of their key. */
  readonly key: string;
  readonly asked: OnceRequest;
  /** In milliseconds since 1970: tells this claim from one that took the key over. */
  readonly began: number;
}

/** Takes the key for this request, or gives the row of who has it. */
async function take(claim: Claim): Promise<SystemRow | undefined> {
  const { key, began } = claim;
  const rows = claim.rows();
  if (began % SWEEP_EVERY === 0) await rows.deleteOlder(TABLE, "began", began - KEPT_MS);
  if (await insert(claim)) return undefined;
  const [row] = await rows.read(TABLE, { key_digest: key });
  if (row === undefined) return take(claim);
  if (!isOver(row, began)) return row;
  // Of those who take over at once one finds the row as it was.
  await rows.delete(TABLE, { id: row.id ?? null, began: row.began ?? null });
  return take(claim);
}

function isOver(row: SystemRow, now: number): boolean {
  return now - Number(row.began) > (row.answer === null ? LOST_MS : KEPT_MS);
}

/** The request may hold a password: not even a digest of it is kept in plain. */
async function insert(claim: Claim): Promise<boolean> {
  const { rows, key, began, asked } = claim;
  const request = await seal(claim, await sha256(asked.request));
  try {
    await rows().insert(TABLE, { key_digest: key, request, began, answer: null });
    return true;
  } catch (error) {
    if (error instanceof DatabaseError && error.kind === "unique") return false;
    throw error;
  }
}

/** Whatever comes of the work is kept, but where the next try may go better and nothing can have been done. */
async function finish(claim: Claim, work: () => Promise<Reply>): Promise<Reply> {
  const { rows, key, began, asked } = claim;
  const where = { key_digest: key, began };
  const keep = async (answer: JsonObject) => {
    const text = JSON.stringify({ ...answer, rights: asked.rights });
    const isKept = !asked.isSecret && text.length <= LONGEST_ANSWER;
    const sealed = await seal(claim, isKept ? text : JSON.stringify(NOT_KEPT));
    // What was done is done: without its answer the key stays taken, and a repeat is told to wait.
    await rows()
      .update(TABLE, where, { answer: sealed })
      .catch(() => undefined);
  };
  const reply = await work().catch(async (error: unknown) => {
    if (error instanceof Fault && error.status < 500) await keep(keptFault(error));
    else if (asked.isSingle && isUndone(error)) {
      await rows()
        .delete(TABLE, where)
        .catch(() => undefined);
    } else await keep(UNKNOWN);
    throw error;
  });
  await keep(keptReply(reply));
  return reply;
}

const NOT_KEPT: JsonObject = {};
const UNKNOWN: JsonObject = { unknown: true };

/** Whether the database was not reached at all. */
function isUndone(error: unknown): boolean {
  const cause = error instanceof Fault ? error.cause : error;
  if (!(cause instanceof DatabaseError)) return false;
  return cause.kind === "saturated" || (cause.connect !== undefined && cause.connect !== "lost");
}

function keptReply({ status, content }: Reply): JsonObject {
  if ("records" in content) return NOT_KEPT;
  return { status, json: "json" in content ? content.json : JSON.stringify(content.value) };
}

function keptFault({ code, message, context }: Fault): JsonObject {
  return { code, message, context: JSON.stringify(context ?? null) };
}

async function answerOf(row: SystemRow, claim: Claim): Promise<Reply> {
  if ((await open(claim, row.request)) !== (await sha256(claim.asked.request)))
    throw new Fault("unprocessable", "This Idempotency-Key was used for another request.");
  if (row.answer === null)
    throw new Fault("conflict", "A request with this Idempotency-Key is still at work.", {
      headers: { "Retry-After": "1" },
    });
  const answer = parseJson(await open(claim, row.answer));
  return replyOf(isJsonObject(answer) ? answer : NOT_KEPT, claim.asked.rights);
}

const REPLAYED = { "Idempotency-Replayed": "true" };

function replyOf({ status, json, code, message, context, rights, unknown }: JsonObject, present: string): Reply {
  if (unknown === true)
    throw new Fault(
      "conflict",
      "Nobody knows what came of the request with this Idempotency-Key: look whether it was done.",
    );
  if (rights !== undefined && rights !== present)
    throw new Fault("conflict", "The request with this Idempotency-Key was done; the caller has other rights since.");
  if (typeof json === "string") return { status: Number(status), content: { json }, headers: REPLAYED };
  if (typeof code !== "string" || !isFaultCode(code))
    throw new Fault("conflict", "The request with this Idempotency-Key was done; its answer is not kept.");
  throw new Fault(code, String(message), { context: JSON.parse(String(context)), headers: REPLAYED });
}

function isFaultCode(code: string): code is FaultCode {
  return Object.hasOwn(FAULT_STATUS, code);
}

function seal({ vault, key }: Claim, text: string): Promise<string> {
  return vault.encrypt(text, `idempotency ${key}`);
}

function open({ vault, key }: Claim, sealed: Json | undefined): Promise<string> {
  return vault.decrypt(String(sealed), `idempotency ${key}`);
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
