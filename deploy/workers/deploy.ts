import { readFileSync } from "node:fs";
import { join } from "node:path";
import { askWrangler, ROOT, runWrangler } from "./wrangler.ts";

/** What stands in `wrangler.toml` until somebody has made a database. */
const NO_DATABASE = "00000000-0000-0000-0000-000000000000";

/** One thing that a deployment needs, and what to do when it is missing. */
interface Need {
  isMet(): boolean;
  readonly sentence: string;
}

const DATABASE: Need = {
  isMet: () => !settingsOf("wrangler.toml").includes(NO_DATABASE),
  sentence: `There is no database for Millrace's own settings yet. Make one by
    npx wrangler d1 create millrace
and write the id that it prints into wrangler.toml as database_id. For PostgreSQL or MySQL instead, take the D1
database out of wrangler.toml, and name another by DATABASE_URL: see the comments there.`,
};

const LOGIN: Need = {
  isMet: () => askWrangler(["whoami", "--json"]) !== undefined,
  sentence: `Cloudflare does not know you, or can not be reached. Log in by
    npx wrangler login
or set CLOUDFLARE_API_TOKEN.`,
};

const SECRET: Need = {
  isMet: () => secrets().includes("MILLRACE_SECRET"),
  sentence: `The Worker has no master key. Make one, keep a copy where only you can read it, and give it by
    npx wrangler secret put MILLRACE_SECRET
It must have at least 32 characters, such as those that \`openssl rand -hex 32\` prints.`,
};

const PASSWORD: Need = {
  isMet: () => secrets().includes("MILLRACE_ADMIN_PASSWORD"),
  sentence: `As long as there is no administrator, Millrace serves only with a password for the first one. Give it by
    npx wrangler secret put MILLRACE_ADMIN_PASSWORD
It must have at least 16 characters. MILLRACE_ADMIN_EMAIL says whose it is; else it is admin@example.com.`,
};

/** Deploys if nothing is missing; `--dry-run` only builds, and tells what could be told without an account. */
function deploy(args: readonly string[]): number {
  const isDryRun = args.includes("--dry-run");
  const missing = isDryRun ? firstOf([DATABASE]) : firstOf([DATABASE, LOGIN, SECRET]);
  if (missing !== undefined) console.error(`${missing.sentence}\n`);
  if (missing !== undefined && !isDryRun) return 1;
  if (!isDryRun && !PASSWORD.isMet()) console.error(`${PASSWORD.sentence}\n`);
  return runWrangler(["deploy", ...args]);
}

/** In their order: each can only be seen to when those before it are met. */
function firstOf(needs: readonly Need[]): Need | undefined {
  return needs.find((need) => !need.isMet());
}

/** A file of settings without its comments. */
function settingsOf(name: string): string {
  return readFileSync(join(ROOT, name), "utf8").replace(/^\s*#.*$/gm, "");
}

/** The names of the secrets of the Worker. One that was never deployed has none. */
function secrets(): readonly string[] {
  const list: readonly { name: string }[] = JSON.parse(askWrangler(["secret", "list", "--format", "json"]) ?? "[]");
  return list.map(({ name }) => name);
}

process.exitCode = deploy(process.argv.slice(2));
