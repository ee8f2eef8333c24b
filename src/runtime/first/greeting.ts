import type { FirstStart } from "./first-start.ts";

export interface Greeting {
  /** Where Millrace listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly first: FirstStart;
  /** Whether and where the secrets can be read again. */
  readonly remark?: string;
}

/** What the person who started Millrace reads: where it is, and at a first start what can not be read again. */
export function greeting({ url, first, remark = "shown this once" }: Greeting): string {
  const lines = [`Millrace serves ${url}/api/v2`];
  if (first.admin) lines.push("", `Administrator: ${first.admin.email}`);
  if (first.admin?.password) lines.push(`Password:      ${first.admin.password}   (${remark})`);
  if (first.sampleKey) {
    lines.push("", `API key of the sample: ${first.sampleKey}   (${remark})`, "", "Try it:", "");
    lines.push(`  curl -H "X-API-Key: ${first.sampleKey}" "${url}/api/v2/db/_table/employees?limit=3"`);
  } else lines.push("", `  curl ${url}/api/v2/system/environment`);
  return `${lines.join("\n")}\n`;
}
