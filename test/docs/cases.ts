import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../src/contract/json.ts";
import { isJsonObject, parseJson } from "../../src/lib/json.ts";
import { cutTo, readShown } from "./answer.ts";
import { type Printed, runCurl, whyNoCurl } from "./curl.ts";
import { type Example, examplesOf, type Group, pages } from "./example.ts";

/** A server that the examples of one page are run against. */
export interface Stage {
  readonly url: string;
  /** What stands for each placeholder, such as `YOUR_API_KEY`. Answers add to it: see {@link remember}. */
  readonly credentials: Map<string, string>;
  close(): Promise<void>;
}

const noCurl = await whyNoCurl();

/** Runs all examples of a group: each page, from its top, on a stage of its own. */
export function exampleCases(group: Group, unavailable: string | undefined, open: () => Promise<Stage>): void {
  for (const page of pages()) {
    const examples = examplesOf(page).filter((example) => example.group === group);
    if (examples.length === 0) continue;
    const missing = unavailable ?? noCurl;
    describe.skipIf(missing !== undefined)(`the ${group} examples of ${page}`, () => pageCases(examples, open));
  }
}

function pageCases(examples: readonly Example[], open: () => Promise<Stage>): void {
  let stage: Stage | undefined;
  beforeAll(async () => {
    stage = await open();
  });
  afterAll(() => stage?.close());
  for (const example of examples) {
    test(`the lines under line ${example.line} work as they stand`, async () => {
      if (stage === undefined) throw new Error("There is no server.");
      await runExample(example, stage);
    });
  }
}

async function runExample(example: Example, stage: Stage): Promise<void> {
  let last: Printed | undefined;
  for (const command of example.commands) {
    last = await runCurl(filledIn(command, stage));
    demandStatus(command, last, example.status);
    remember(last, stage);
  }
  if (example.answer === undefined || last === undefined) return;
  const shown = readShown(example.answer);
  expect(cutTo(shown, parseJson(last.body))).toEqual(shown);
}

/** Only the address and the credentials are replaced. */
function filledIn(command: string, { url, credentials }: Stage): string {
  const addressed = command.replaceAll("http://127.0.0.1:8080", url);
  return addressed.replace(/YOUR_[A-Z_]+/g, (name) => credentials.get(name) ?? name);
}

function demandStatus(command: string, { status, body }: Printed, wanted: number | undefined): void {
  const isRight = wanted === undefined ? status >= 200 && status < 300 : status === wanted;
  if (!isRight) throw new Error(`${command} was answered with ${status}: ${body}`);
}

/** Who logs in has a token for the lines that follow, and who makes an app has its key. */
function remember({ body }: Printed, { credentials }: Stage): void {
  const answer = body.startsWith("{") ? parseJson(body) : null;
  if (!isJsonObject(answer)) return;
  keep("YOUR_TOKEN", answer.session_token);
  keep("YOUR_APP_KEY", answer.api_key);

  function keep(name: string, value: Json | undefined): void {
    if (typeof value === "string") credentials.set(name, value);
  }
}
