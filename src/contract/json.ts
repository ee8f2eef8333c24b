/** A number kept as the digits that were written: what `JSON.rawJSON` makes, and `JSON.stringify` writes unchanged. */
export interface RawNumber {
  readonly rawJSON: string;
}

/** A JSON value; a number that a double cannot hold exactly is a {@link RawNumber}. */
export type Json = null | boolean | number | string | RawNumber | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** A JSON object under construction. */
export type MutableJsonObject = { [key: string]: Json };
