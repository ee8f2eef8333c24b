const CLOSERS: Readonly<Record<string, string>> = { "'": "'", '"': '"', "(": ")", "`": "`", "[": "]" };

/**
 * Splits `a,'b,c',(1,2)` at its commas. Commas inside quotes, backticks, brackets or parentheses do not split; the
 * quotes around an item are taken off (a doubled one stands for itself), the others stay. Items are trimmed; an empty text gives no items.
 * Parentheses group where an item begins, and behind a word that is a `call`.
 */
export function splitList(text: string, call?: RegExp): string[] {
  const items: string[] = [];
  let at = 0;
  while (at <= text.length) {
    const end = itemEnd(text, at, call);
    items.push(unquote(text.slice(at, end).trim()));
    at = end + 1;
  }
  return items.length === 1 && items[0] === "" ? [] : items;
}

function itemEnd(text: string, start: number, call?: RegExp): number {
  let closer = "";
  let first = "";
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at);
    if (closer !== "") {
      if (char === closer) closer = "";
    } else if (char === ",") return at;
    else if (first === "" || reopens(text, at, first) || (char === "(" && call?.test(wordBefore(text, start, at))))
      closer = CLOSERS[char] ?? "";
    if (first === "") first = char.trim();
  }
  return text.length;
}

const LONGEST_WORD = 40;

function wordBefore(text: string, start: number, at: number): string {
  return at - start < LONGEST_WORD ? text.slice(start, at) : "";
}

/** A quote or parenthesis groups only where an item begins, so that `O'Brien,Smith` is two names; a doubled quote reopens. */
function reopens(text: string, at: number, first: string): boolean {
  return text[at] === first && text[at - 1] === first && first !== "(";
}

function unquote(item: string): string {
  const quote = item[0];
  if ((quote !== "'" && quote !== '"') || item.length < 2 || !item.endsWith(quote)) return item;
  return item.slice(1, -1).replaceAll(quote + quote, quote);
}
