import { type Coordinates, MOST_NESTING, type Shape } from "./shape.ts";

/** A geometry in well-known text, without what EWKT puts in front; `undefined` for a text that is none. */
export function readWkt(text: string): Shape | undefined {
  const reader = new Reader(text.match(TOKENS) ?? []);
  const shape = reader.shape(0);
  return reader.isAtEnd ? shape : undefined;
}

const TOKENS = /[A-Za-z]+|[(),]|[^\s(),A-Za-z][^\s(),]*/g;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:E[+-]?\d+)?$/;
const TYPE =
  /^(POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|GEOMETRYCOLLECTION|CIRCULARSTRING|POLYHEDRALSURFACE|TRIANGLE|TIN)(Z|M|ZM)?$/;
const DIMENSIONS = /^(?:Z|M|ZM)$/;

class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens.map((token) => token.toUpperCase());
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  shape(depth: number): Shape | undefined {
    const [, type, glued = ""] = TYPE.exec(this.#tokens[this.#at] ?? "") ?? [];
    if (type === undefined || depth > MOST_NESTING) return undefined;
    this.#at++;
    const dimensions = glued || this.#dimensions();
    if (type === "GEOMETRYCOLLECTION") return this.#collection(type, dimensions, depth);
    const list = this.#list(depth);
    const coordinates = list && coordinatesOf(type, list);
    return coordinates && { type, dimensions, coordinates, parts: [] };
  }

  #dimensions(): string {
    const word = this.#tokens[this.#at] ?? "";
    if (!DIMENSIONS.test(word)) return "";
    this.#at++;
    return word;
  }

  #collection(type: string, dimensions: string, depth: number): Shape | undefined {
    const parts: Shape[] = [];
    const read = () => {
      const part = this.shape(depth + 1);
      if (part !== undefined) parts.push(part);
      return part;
    };
    return this.#items(read) ? { type, dimensions, coordinates: [], parts } : undefined;
  }

  /** `(…, …)` or EMPTY; whether all items could be read. */
  #items(read: () => unknown): boolean {
    if (this.#takes("EMPTY")) return true;
    if (!this.#takes("(")) return false;
    do {
      if (read() === undefined) return false;
    } while (this.#takes(","));
    return this.#takes(")");
  }

  #list(depth: number): Coordinates | undefined {
    if (depth > MOST_NESTING) return undefined;
    const items: Coordinates[number][] = [];
    const read = () => {
      const next = this.#tokens[this.#at] ?? "";
      const item = next === "(" || next === "EMPTY" ? this.#list(depth + 1) : this.#position();
      if (item !== undefined) items.push(item);
      return item;
    };
    return this.#items(read) ? items : undefined;
  }

  #position(): readonly string[] | undefined {
    const numbers: string[] = [];
    for (let next = this.#tokens[this.#at]; next !== undefined && NUMBER.test(next); next = this.#tokens[++this.#at]) {
      if (!Number.isFinite(Number(next))) return undefined;
      numbers.push(next);
    }
    return numbers.length === 0 ? undefined : numbers;
  }

  #takes(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }
}

/** A point has one position and no list of them; each point of several may stand in parentheses of its own. */
function coordinatesOf(type: string, list: Coordinates): Coordinates | undefined {
  if (type === "MULTIPOINT") return list.map(unwrapped);
  if (type !== "POINT" || list.length === 0) return list;
  const [only] = list;
  return list.length === 1 && typeof only !== "string" ? only : undefined;
}

function unwrapped(item: Coordinates[number]): Coordinates[number] {
  if (typeof item === "string") return item;
  const [first] = item;
  return item.length === 1 && first !== undefined && typeof first !== "string" ? first : item;
}
