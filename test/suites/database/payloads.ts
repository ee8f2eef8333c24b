/** Texts that break out of careless SQL, JSON paths, patterns, paths and templates; `@@` becomes the canary of one request. */
const TEMPLATES: readonly string[] = [
  // Quotes, comments, conditions that are always true.
  "' OR 1=1 -- @@",
  "' OR '@@'='@@",
  '" OR "@@"="@@',
  "') OR ('@@'='@@",
  "')) OR 1=1 # @@",
  "' OR 1=1/*@@",
  "'/**/OR/**/@@=@@--",
  "admin'--@@",
  "@@' AND '1'='2",
  "''@@''",
  "'''@@'''",
  '"""@@"""',
  "``@@``",
  "`@@` = `@@`",
  "[@@]",
  "]]@@[[",
  "@@\\",
  "\\'; DROP TABLE customers; -- @@",
  '\\" OR 1=1 -- @@',
  "\\\\' OR @@",
  // Stacked statements.
  '"; DROP TABLE customers; -- @@',
  "'; DROP TABLE customers; -- @@",
  "1; DELETE FROM customers WHERE '@@' = '@@",
  "'; UPDATE customers SET notes = '@@'; --",
  "`; DROP TABLE `customers`; -- @@",
  '";;COMMIT;DROP DATABASE @@;',
  "'; ATTACH DATABASE '/tmp/@@' AS x; --",
  "'; COPY customers TO PROGRAM 'touch /tmp/@@'; --",
  "'; EXEC xp_cmdshell('@@'); --",
  // Expressions and subqueries.
  "1 UNION SELECT '@@', 2, 3",
  "' UNION ALL SELECT NULL, '@@', NULL --",
  "(SELECT '@@')",
  "1 AND (SELECT 1 FROM customers WHERE notes = '@@')",
  "pg_sleep(10) || '@@'",
  "' || pg_sleep(10) || '@@",
  "1 OR SLEEP(10) /* @@ */",
  "BENCHMARK(10000000, MD5('@@'))",
  "CHAR(39) || '@@'",
  "CONCAT(0x27, '@@')",
  "0x40404@@",
  "randomblob(1000000000) @@",
  "load_extension('@@')",
  "LOAD_FILE('/etc/passwd') @@",
  "id) VALUES (1, '@@') --",
  "id = id, notes = '@@'",
  "NOW() @@",
  '{"expression":"NOW()","x":"@@"}',
  // Placeholders and templates.
  "$1 @@",
  "$$@@$$",
  "$tag$@@$tag$",
  "? @@",
  "?? @@",
  ":p @@",
  ":1@@",
  "@p1 @@",
  "%s @@ %d",
  "%(name)s @@",
  "{fn now()} @@",
  "{user.id} @@",
  "{{@@}}",
  "#{@@}",
  // Comments that are code, and code that is a comment.
  "/*!50000 OR 1=1 */ @@",
  "/*! DROP TABLE customers */ @@",
  "/*M! @@ */",
  "-- @@",
  "# @@",
  "/* @@",
  "*/ @@ /*",
  "-- -\n@@",
  // Characters that end, widen or disguise.
  "\u0000@@",
  "@@\u0000' OR 1=1 --",
  "\u00bf\u0027 OR @@",
  "\u00bf\u005c' OR @@",
  "\u2019 OR @@ = \u2019",
  "\u02bc OR @@",
  "\uff07 OR @@ \uff1d",
  "%00@@",
  "%27 OR @@",
  "%2527 OR @@",
  "%bf%27 @@",
  "\u001a@@\b",
  "\r\nSet-Cookie: @@=1",
  "\u202e@@",
  "\ufeff@@",
  "\u{1f4a9}@@",
  // JSON paths, patterns, property names.
  '$."@@"."b"',
  "$[*].@@",
  "'->'$.@@",
  "\"]') OR @@ --",
  "->>'@@'",
  "!%@@!_",
  "%' OR first_name LIKE '%@@",
  "_%!@@",
  "__proto__@@",
  "constructor.prototype.@@",
  // What would leave its parameter or path.
  "&force=true&x=@@",
  "#?ids=1&@@",
  "../../system/admin/@@",
  "..\\@@",
  "a/b/@@",
  ";@@",
  "<script>@@</script>",
  "(((((((((((((((((((@@",
  "1e999999@@",
  "-@@",
];

/** What every canary begins with. */
export const CANARY = "kanarie";

let count = 0;

const SAMPLE = 10;

/** Payloads, each with a canary of its own: all of them, or every tenth where the same statements meet all elsewhere. */
export function payloads(howMany: "all" | "a sample"): readonly string[] {
  const templates = TEMPLATES.filter((_, index) => howMany === "all" || index % SAMPLE === 0);
  return templates.map((template) => {
    count++;
    return template.replaceAll("@@", `${CANARY}${count}`);
  });
}
