import { describe, expect, test } from "vitest";
import { type Credentials, readCredentials } from "../../src/identity/credentials.ts";

function read(headers: Record<string, string>, query = ""): Credentials {
  return readCredentials(new Headers(headers), new URLSearchParams(query));
}

describe("the API key", () => {
  test.each(["X-DreamFactory-API-Key", "x-dreamfactory-api-key", "X-API-Key"])("is read from %s", (name) => {
    expect(read({ [name]: "k" })).toEqual({ apiKey: "k" });
  });

  test("is read from the query, where a header wins over it", () => {
    expect(read({}, "api_key=q")).toEqual({ apiKey: "q" });
    expect(read({ "X-API-Key": "h" }, "api_key=q")).toEqual({ apiKey: "h" });
  });

  test("of DreamFactory's header wins over the short one", () => {
    expect(read({ "X-API-Key": "short", "X-DreamFactory-API-Key": "long" })).toEqual({ apiKey: "long" });
  });
});

describe("the session token", () => {
  test.each(["Bearer t", "bearer t", "BEARER   t"])("is read from Authorization: %s", (value) => {
    expect(read({ Authorization: value })).toEqual({ token: "t" });
  });

  test("is read from its own header and from the query, in this order", () => {
    expect(read({ "X-DreamFactory-Session-Token": "s" }, "session_token=q")).toEqual({ token: "s" });
    expect(read({}, "session_token=q")).toEqual({ token: "q" });
    expect(read({ Authorization: "Bearer b", "X-DreamFactory-Session-Token": "s" })).toEqual({ token: "b" });
  });

  test("may come together with a key", () => {
    expect(read({ Authorization: "Bearer t", "X-API-Key": "k" })).toEqual({ apiKey: "k", token: "t" });
  });
});

describe("credentials", () => {
  test("that are empty are none", () => {
    expect(read({ Authorization: "Bearer", "X-API-Key": "", "X-DreamFactory-Session-Token": "" }, "api_key=")).toEqual(
      {},
    );
    expect(read({})).toEqual({});
  });

  test.each([
    "Basic YTpi",
    "basic",
  ])("of HTTP Basic are refused, with a word that they are not served yet: %s", (value) => {
    expect(() => read({ Authorization: value, "X-API-Key": "k" })).toThrow(
      "HTTP Basic authentication is not served yet",
    );
  });

  test.each([
    "Digest x",
    "eyJhbGciOiJIUzI1NiJ9.e30.x",
  ])("of any other scheme are refused rather than overlooked: %s", (value) => {
    expect(() => read({ Authorization: value })).toThrow("must hold a Bearer token");
  });

  const long = "x".repeat(8193);
  test.each([
    [{ "X-API-Key": long }, ""],
    [{ Authorization: `Bearer ${long}` }, ""],
    [{ "X-DreamFactory-Session-Token": long }, ""],
    [{}, `api_key=${long}`],
    [{}, `session_token=${long}`],
  ])("of more than 8 KiB are refused before anything looks at them", (headers, query) => {
    expect(() => read(headers as Record<string, string>, query)).toThrow("too long");
  });

  test("that cannot be read are a 401 with a challenge", () => {
    try {
      read({ Authorization: "Basic YTpi" });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ status: 401, headers: { "WWW-Authenticate": 'Bearer realm="Millrace"' } });
    }
  });
});
