/** What nearly all numbers look like. */
const PLAIN = /^-?(?:[1-9]\d*|(?:0|[1-9]\d*)\.\d*[1-9])$/;

/**
 * A number in digits without exponent, and without zeros that say nothing: `-0012.50e1` → `-125`. As long as its exponent
 * is large, which is for the caller to bound; only zero is `0` whatever the exponent.
 */
export function plainDecimal(digits: string): string {
  if (PLAIN.test(digits)) return digits;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(digits) ?? [];
  if (!/[1-9]/.test(whole + fraction)) return "0";
  const shift = Number(exponent);
  const padded = whole.padStart(whole.length + Math.max(-shift - whole.length, 0), "0") + fraction.padEnd(shift, "0");
  const point = Math.max(whole.length, -shift) + shift;
  const before = padded.slice(0, point).replace(/^0+(?=\d)/, "") || "0";
  const after = padded.slice(point).replace(/0+$/, "");
  const plain = after === "" ? before : `${before}.${after}`;
  return sign === "-" && plain !== "0" ? `-${plain}` : plain;
}
