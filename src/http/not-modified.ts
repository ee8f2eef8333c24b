import type { Reply } from "../contract/call.ts";

/** Whether the client says that it has this very answer already (RFC 9110 §13.1.2); tags are compared weakly. */
export function isNotModified(reply: Reply, request: Request): boolean {
  const tag = reply.headers?.ETag;
  const known = request.headers.get("If-None-Match");
  if (tag === undefined || known === null || !(request.method === "GET" || request.method === "HEAD")) return false;
  const tags: readonly string[] = known.match(/"[^"]*"/g) ?? [];
  return known.trim() === "*" || tags.includes(tag);
}

/** The reply with an entity tag that is its own in each format, as a strong one has to be. */
export function withTagOf(format: string, reply: Reply): Reply {
  const tag = reply.headers?.ETag;
  if (tag === undefined || format === "json") return reply;
  return { ...reply, headers: { ...reply.headers, ETag: tag.replace(/"$/, `-${format}"`) } };
}
