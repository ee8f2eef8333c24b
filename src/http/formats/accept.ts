/** One range of an `Accept` header (RFC 9110 §12.5.1), in lower case. */
interface Range {
  readonly type: string;
  readonly quality: number;
  readonly place: number;
}

/** How much a client wants a media type. */
export interface Wish {
  readonly quality: number;
  /** 2 = the type by its name, 1 = all types of its kind, 0 = any type. */
  readonly precision: number;
  /** Where the header says so. */
  readonly place: number;
}

/** What a client says it accepts. */
export class Accepted {
  readonly #ranges: readonly Range[];

  constructor(header: string) {
    this.#ranges = header.toLowerCase().split(",").map(readRange);
  }

  /** Whether a type is asked for by its name. */
  names(type: string): boolean {
    return this.#ranges.some((range) => range.type === type && range.quality > 0);
  }

  /** By the range that is the closest to the type; nothing where none is. */
  wishFor(type: string): Wish | undefined {
    const kind = `${type.slice(0, type.indexOf("/"))}/*`;
    for (const [index, name] of [type, kind, "*/*"].entries()) {
      const range = this.#ranges.find((each) => each.type === name);
      if (range) return { quality: range.quality, precision: 2 - index, place: range.place };
    }
    return undefined;
  }

  /** The types that are asked for by their names. */
  get types(): readonly string[] {
    return this.#ranges.map(({ type }) => type);
  }
}

function readRange(text: string, place: number): Range {
  const [type = "", ...parameters] = text.split(";");
  const said = parameters.map((each) => /^\s*q\s*=\s*(.*?)\s*$/.exec(each)?.[1]).find((each) => each !== undefined);
  return { type: type.trim(), quality: said === undefined ? 1 : qualityOf(said), place };
}

/** What is no quality is none at all. */
function qualityOf(text: string): number {
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}
