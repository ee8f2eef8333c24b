import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Token, tokenAt } from "../../../src/db/filter/tokenizer.ts";

function tokens(text: string): Token[] {
  const all: Token[] = [];
  for (let at = 0; ; ) {
    const token = tokenAt(text, at);
    if (token.kind === "end") return all;
    all.push(token);
    at = token.end;
  }
}

function brief(text: string): string[] {
  return tokens(text).map((token) => `${token.kind} ${token.text} ${token.at}`);
}

describe("the filter tokenizer", () => {
  it("gives each token with the offset of its first character", () => {
    expect(brief(" (age>=30)")).toEqual(["symbol ( 1", "word age 2", "symbol >= 5", "word 30 7", "symbol ) 9"]);
  });

  it("takes the longest symbol", () => {
    const symbols = brief("== != <> <= >= && || -> = < > ! & | -").map((token) => token.split(" ")[1]);
    expect(symbols).toEqual("== != <> <= >= && || -> = < > ! & | -".split(" "));
  });

  it.each([
    ["'it''s'", "text it's 0"],
    ['"say ""hi"""', 'text say "hi" 0'],
    ["'a\\'", "text a\\ 0"],
    ["''", "text  0"],
    ["''''", "text ' 0"],
    ["`a``b`", "name a`b 0"],
    ["[a]]b]", "name a]b 0"],
    ["[a[b]", "name a[b 0"],
  ])("undoubles the quotes of %s", (text, token) => {
    expect(brief(text)).toEqual([token]);
  });

  it.each(["'a", "'a''", '"', "`a", "[a]]"])("marks %s as unclosed", (text) => {
    expect(tokens(text)).toEqual([{ kind: "unclosed", text: text.charAt(0), at: 0, end: text.length }]);
  });

  it("keeps letters of all scripts in words", () => {
    expect(brief("größe 名前 𝒳x $a_1")).toEqual(["word größe 0", "word 名前 6", "word 𝒳x 9", "word $a_1 13"]);
  });

  it("covers any text but its white space, in order and without overlap", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        let at = 0;
        for (const token of tokens(text)) {
          expect(text.slice(at, token.at).trim()).toBe("");
          expect(token.end).toBeGreaterThan(token.at);
          at = token.end;
        }
        expect(text.slice(at).trim()).toBe("");
      }),
    );
  });
});
