import type { FirstStart } from "./first-start.ts";

/** What the person who started Millrace reads: where it is, and at a first start what can not be read again. */
export function greeting({ url, first }: { readonly url: string; readonly first: FirstStart }): string {
  const lines = [`Millrace serves ${url}/api/v2`];
  if (first.admin) lines.push("", `Administrator: ${first.admin.email}`);
  if (first.admin?.password) lines.push(`Password:      ${first.admin.password}   (shown this once)`);
  if (first.sampleKey) {
    lines.push("", `API key of the sample: ${first.sampleKey}   (shown this once)`, "", "Try it:", "");
    lines.push(`  curl -H "X-API-Key: ${first.sampleKey}" "${url}/api/v2/db/_table/employees?limit=3"`);
  } else lines.push("", `  curl ${url}/api/v2/system/environment`);
  return `${lines.join("\n")}\n`;
}
