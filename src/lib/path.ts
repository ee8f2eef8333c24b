/** One name with the dot behind it, or the last one: in backticks, in brackets, or bare up to the dot. */
const NAME = /\s*(?:`(?:[^`]|``)+`\s*|\[(?:[^\]]|\]\])+\]\s*|[^.]*)(\.|$)/y;

/** Splits `a.b` at its dots. Those inside backticks or brackets do not split; these are taken off, a doubled closing one stands for itself. */
export function splitPath(text: string): readonly string[] {
  const names: string[] = [];
  for (let at = 0, isLast = false; !isLast; at = NAME.lastIndex) {
    NAME.lastIndex = at;
    const [name = "", dot = ""] = NAME.exec(text) ?? [];
    names.push(unquoted(name.slice(0, name.length - dot.length).trim()));
    isLast = dot === "";
  }
  return names;
}

function unquoted(name: string): string {
  const closer = name.startsWith("`") ? "`" : name.startsWith("[") ? "]" : "";
  if (closer === "" || name.length < 3 || !name.endsWith(closer)) return name;
  return name.slice(1, -1).replaceAll(closer + closer, closer);
}
