import type { RecordStream, Reply } from "../contract/call.ts";
import type { Hold } from "./pool.ts";

/** The reply of a service: one that streams holds the service until its stream has ended, been left, or failed. */
export function whileStreaming(reply: Reply, hold: Hold): Reply {
  const { content } = reply;
  if (!("records" in content)) return reply;
  return { ...reply, content: { ...content, records: noting(content.records, hold()) } };
}

function noting(records: RecordStream["records"], ended: () => void): RecordStream["records"] {
  let isOver = false;
  const end = () => {
    if (!isOver) ended();
    isOver = true;
  };
  return {
    [Symbol.asyncIterator]: () => {
      const items = records[Symbol.asyncIterator]();
      return {
        next: () => passing(items.next(), end),
        return: () => (items.return?.() ?? Promise.resolve({ done: true as const, value: undefined })).finally(end),
      };
    },
  };
}

async function passing<T>(item: Promise<IteratorResult<T>>, end: () => void): Promise<IteratorResult<T>> {
  try {
    const result = await item;
    if (result.done) end();
    return result;
  } catch (error) {
    end();
    throw error;
  }
}
