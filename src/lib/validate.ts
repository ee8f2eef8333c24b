import * as v from "valibot";
import { Fault } from "../contract/fault.ts";

/** The value as the schema gives it. Raises `bad_request` naming the first field that is wrong, and never repeats its value. */
export function validate<S extends v.GenericSchema>(schema: S, value: unknown, within = ""): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = [within, v.getDotPath(issue) ?? ""].filter((part) => part !== "").join(".");
  throw new Fault("bad_request", path === "" ? sentence("The value", issue) : sentence(`Field '${path}'`, issue));
}

type Issue = v.BaseIssue<unknown>;

function sentence(subject: string, issue: Issue): string {
  if (issue.received === "undefined") return `${subject} is required.`;
  // Messages of our own are predicates, such as "must be a number"; the library's begin with "Invalid".
  if (!issue.message.startsWith("Invalid")) return `${subject} ${issue.message}.`;
  return issue.expected ? `${subject} is not valid: expected ${issue.expected}.` : `${subject} is not valid.`;
}
