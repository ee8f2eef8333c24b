import type { JsonObject } from "../../../src/contract/json.ts";
import type { Answer } from "../../house.ts";
import { type Fixture, SERVICE } from "./fixture.ts";

/** What the administrator says of a table, or of a part of it, is kept; raises the answer when it is not. */
export async function keep(fixture: Fixture, path: string, said: JsonObject, verb = "PATCH"): Promise<Answer> {
  const answer = await tryKeep(fixture, path, said, verb);
  if (answer.status !== 200) throw new Error(`${verb} _schema/${path}: ${answer.status} ${answer.text}`);
  return answer;
}

/** As {@link keep}, whatever the answer. */
export function tryKeep({ house }: Fixture, path: string, said: JsonObject, verb = "PATCH"): Promise<Answer> {
  return house.ask(verb, `${SERVICE}/_schema/${path}`, { body: said });
}
