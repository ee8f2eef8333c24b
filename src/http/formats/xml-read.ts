import { type SaxesAttributePlain, SaxesParser } from "saxes";
import { Fault } from "../../contract/fault.ts";
import type { Json } from "../../contract/json.ts";
import { MAX_JSON_DEPTH, parseJson, parseStored } from "../../lib/json.ts";
import { demandUtf8 } from "../body-text.ts";
import { MOST_VALUES } from "./limits.ts";
import { demandFew } from "./records.ts";

/** An element that is open: what is known of it so far. */
interface Element {
  readonly name: string;
  readonly type: string;
  /** One of several of that name, even where it is the only one. */
  readonly isListed: boolean;
  text: string;
  readonly members: Member[];
}

interface Member {
  readonly name: string;
  readonly isListed: boolean;
  readonly value: Json;
}

/**
 * The body that XML holds: the fields of a record, or records in elements `<resource>`, below a root of any name. Raises
 * `bad_request` that names the place, also for a document type: nothing that it could define is ever read.
 */
export function readXml(text: string): Json | undefined {
  return new XmlReader().read(text);
}

class XmlReader {
  readonly #parser = new SaxesParser({ fragment: false });
  readonly #open: Element[] = [];
  #elements = 0;
  #records = 0;
  #body: Json | undefined;

  constructor() {
    const parser = this.#parser;
    parser.on("error", () => this.#refuse("is not well-formed"));
    parser.on("xmldecl", ({ encoding }) => encoding !== undefined && demandUtf8(encoding));
    parser.on("doctype", () => this.#refuse("has a document type, which is not taken,"));
    parser.on("opentag", ({ name, attributes }) => this.#begin(name, attributes as Attributes));
    parser.on("text", (text) => this.#text(text));
    parser.on("cdata", (text) => this.#text(text));
    parser.on("closetag", () => this.#end());
  }

  read(text: string): Json | undefined {
    this.#parser.write(text).close();
    return this.#body;
  }

  #begin(tag: string, attributes: Attributes): void {
    if (this.#open.length > MAX_JSON_DEPTH) this.#refuse(`nests deeper than ${MAX_JSON_DEPTH} levels`);
    if (++this.#elements > MOST_VALUES) this.#refuse(`has more than ${MOST_VALUES} elements`);
    const isRecord = tag === "resource" && this.#open.length === 1;
    if (isRecord) demandFew(++this.#records);
    const { name, list, type = "" } = attributes;
    const isNull = attributes["xsi:nil"] === "true" || attributes.nil === "true";
    this.#open.push({
      name: tag === "field" && name !== undefined ? name : tag,
      type: isNull ? "null" : type,
      isListed: list === "true" || isRecord,
      text: "",
      members: [],
    });
  }

  #text(text: string): void {
    const element = this.#open.at(-1);
    if (element) element.text += text;
  }

  #end(): void {
    const element = this.#open.pop();
    if (element === undefined) return;
    const { name, isListed } = element;
    const value = this.#valueOf(element);
    const parent = this.#open.at(-1);
    if (parent) parent.members.push({ name, isListed, value });
    else this.#body = value === "" ? undefined : value;
  }

  #valueOf({ type, text, members }: Element): Json {
    if (members.length > 0 && text.trim() !== "") this.#refuse("has text beside elements");
    if (type === "null") return null;
    if (type === "list") return members.map(({ value }) => value);
    if (members.length > 0 || type === "object") return objectOf(members);
    if (this.#open.length === 0) return text.trim();
    if (type === "number") return this.#number(text.trim());
    if (type === "boolean") return this.#boolean(text.trim());
    return type === "json" ? this.#json(text) : text;
  }

  #number(text: string): Json {
    return NUMBER.test(text) ? parseStored(text) : this.#refuse("has a number that is none");
  }

  #boolean(text: string): Json {
    return text === "true" || text === "false" ? text === "true" : this.#refuse("has a boolean that is none");
  }

  #json(text: string): Json {
    try {
      return parseJson(text);
    } catch {
      return this.#refuse("has JSON that is not valid");
    }
  }

  #refuse(what: string): never {
    const { line, column } = this.#parser;
    throw new Fault("bad_request", `The XML of the request ${what} at line ${line}, column ${column}.`);
  }
}

type Attributes = Readonly<Record<string, SaxesAttributePlain["value"]>>;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Elements of one name are a list. */
function objectOf(members: readonly Member[]): Json {
  const values = new Map<string, Json | Json[]>();
  const lists = new Set(members.filter(({ isListed }) => isListed).map(({ name }) => name));
  for (const { name, value } of members) {
    const known = values.get(name);
    if (lists.has(name) && known !== undefined) (known as Json[]).push(value);
    else if (known !== undefined) {
      lists.add(name);
      values.set(name, [known, value]);
    } else values.set(name, lists.has(name) ? [value] : value);
  }
  return Object.fromEntries(values);
}
