import { stringEnd } from "./json-strings.ts";

/** What one look at a text of JSON finds. */
export interface JsonScan {
  /** How deeply arrays and objects nest. */
  readonly depth: number;
  /** How many arrays and objects there are: each takes far more memory than a number or a text. */
  readonly containers: number;
  /** Whether a double keeps each number as it is written; a few of which it would are not seen as such. */
  readonly isPlain: boolean;
}

const QUOTE = 0x22;
const [ZERO, NINE] = [0x30, 0x39];
const [MINUS, DOT, SMALL_E] = [0x2d, 0x2e, 0x65];
const [OPEN_ARRAY, CLOSE_ARRAY] = [0x5b, 0x5d];
const [OPEN_OBJECT, CLOSE_OBJECT] = [0x7b, 0x7d];

/** Looks at each character once: a regular expression for strings would run out of stack in one of some megabytes. */
export function scanJson(text: string): JsonScan {
  let depth = 0;
  let deepest = 0;
  let containers = 0;
  let isPlain = true;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = stringEnd(text, at);
    else if (isPlain && beginsNumber(char)) {
      const end = plainNumberEnd(text, at);
      isPlain = end > at;
      at = Math.max(at, end - 1);
    } else if (char === OPEN_OBJECT || char === OPEN_ARRAY) {
      containers++;
      deepest = Math.max(deepest, ++depth);
    } else if (char === CLOSE_OBJECT || char === CLOSE_ARRAY) depth--;
  }
  return { depth: deepest, containers, isPlain };
}

function beginsNumber(char: number): boolean {
  return (char >= ZERO && char <= NINE) || char === MINUS;
}

/** So many digits survive in a double. */
const SAFE_DIGITS = 15;
/** A smaller fraction is written with an exponent. */
const TINY = "0.00000";

/** Where a number ends of which is plain to see that a double keeps its digits; -1 = it is not. */
function plainNumberEnd(text: string, from: number): number {
  let at = from;
  let hasPoint = false;
  for (; ; at++) {
    const char = text.charCodeAt(at);
    if (char === DOT) hasPoint = true;
    else if (!beginsNumber(char)) break;
  }
  const last = text.charCodeAt(at - 1);
  const isExponent = (text.charCodeAt(at) | 0x20) === SMALL_E;
  if (isExponent || at - from > SAFE_DIGITS || last === MINUS || (hasPoint && last === ZERO)) return -1;
  const isOdd = (text.charCodeAt(from) === MINUS && text.charCodeAt(from + 1) === ZERO) || text.startsWith(TINY, from);
  return isOdd ? -1 : at;
}
