import { databaseTypes } from "../../plugins/registry.ts";
import { Fault } from "../contract/fault.ts";
import type { StoreParts } from "../db/define.ts";
import { CONNECT_SENTENCES, DatabaseError } from "../db/errors.ts";

/** The kind of database that a URL names as the home of the settings. Raises an Error for one that can not be. */
export function findStore(url: string): StoreParts {
  const scheme = url.slice(0, url.indexOf(":"));
  const type = databaseTypes.find((each) => each.store?.schemes.includes(scheme));
  if (type?.store === undefined)
    throw new Error(
      `The environment variable DATABASE_URL names a database that can not hold the settings: '${scheme}:'.`,
    );
  return type.store;
}

/** Tells what is wrong with the database of the store in the words of a connection test. */
export function withStoreSentence(error: unknown): never {
  if (!(error instanceof DatabaseError || error instanceof Fault)) throw error;
  const sentence = error instanceof Fault ? error.message : connectSentence(error);
  throw new Error(`The database that DATABASE_URL names can not be used. ${sentence}`, { cause: error });
}

function connectSentence({ connect }: DatabaseError): string {
  return connect === undefined ? "It answered with an error." : CONNECT_SENTENCES[connect];
}
