import type { Reply } from "../contract/call.ts";
import { through } from "../lib/iterate.ts";
import type { Hold } from "./pool.ts";

/** The reply of a service: one that streams holds the service until its stream has ended, been left, or failed. */
export function whileStreaming(reply: Reply, hold: Hold): Reply {
  const { content } = reply;
  if (!("records" in content)) return reply;
  const records = through(content.records, { item: (some) => some, ended: hold() });
  return { ...reply, content: { ...content, records } };
}
