/** How a database defines the routines that the cases call, and what of them it alone has. */
export interface RoutineWords {
  readonly create: readonly string[];
  /** The kind that gives rows here: where procedures have no result sets, functions do. */
  readonly rows: "_proc" | "_func";
  /** Parameters may have defaults and routines of one name may differ by them. */
  readonly overloads: boolean;
  /** A procedure may give several result sets. */
  readonly manySets: boolean;
  /** Makes a procedure `late` with one parameter, and puts one with two in its place. */
  readonly late: readonly [string, string];
  /** What a parameter of an integer is called, and one of a text. */
  readonly integer: string;
  readonly text: string;
}

const inPlpgsql = (head: string, body: string) => `CREATE ${head} LANGUAGE plpgsql AS $$BEGIN ${body} END$$`;
const inSql = (head: string, body: string) => `CREATE ${head} LANGUAGE sql AS $$${body}$$`;
const ROWS = "id, first_name, balance, active, born, created, profile";

export const postgresRoutines: RoutineWords = {
  rows: "_func",
  overloads: true,
  manySets: false,
  integer: "integer",
  text: "text",
  late: [
    inSql("PROCEDURE late(a integer)", ""),
    `DROP PROCEDURE late; ${inSql("PROCEDURE late(a integer, b integer)", "")}`,
  ],
  create: [
    inSql("FUNCTION add_up(a integer, b integer) RETURNS integer", "SELECT a + b"),
    "COMMENT ON FUNCTION add_up IS 'Adds two numbers.'",
    inSql("FUNCTION shout(t text) RETURNS text", "SELECT t || '!'"),
    inSql("FUNCTION is_even(n integer) RETURNS boolean", "SELECT n % 2 = 0"),
    inSql("FUNCTION flip(flag boolean) RETURNS boolean", "SELECT NOT flag"),
    inSql("FUNCTION next_day(d date) RETURNS date", "SELECT d + 1"),
    inSql("FUNCTION exactly(n numeric) RETURNS numeric", "SELECT n"),
    inSql("FUNCTION big(n bigint) RETURNS bigint", "SELECT n"),
    inSql("FUNCTION moment(t timestamp) RETURNS timestamp", "SELECT t"),
    inSql("FUNCTION bytes_of(b bytea) RETURNS bytea", "SELECT b"),
    inSql("FUNCTION city_of(j jsonb) RETURNS text", "SELECT j ->> 'city'"),
    inSql("FUNCTION no_value(n integer) RETURNS integer", "SELECT NULL::integer"),
    inPlpgsql("FUNCTION refuse_it(what text) RETURNS integer", "RAISE EXCEPTION 'no more %', what;"),
    inPlpgsql("FUNCTION fails() RETURNS integer", "RETURN 1 / 0;"),
    inPlpgsql("PROCEDURE double_it(INOUT v integer)", "v := v * 2;"),
    inSql(
      "FUNCTION split_name(whole text, OUT head text, OUT tail text)",
      "SELECT split_part(whole, ' ', 1), split_part(whole, ' ', 2)",
    ),
    inSql("PROCEDURE rename_country(c text, n text)", "UPDATE countries SET name = n WHERE code = c"),
    inPlpgsql(
      "PROCEDURE half_done(c text)",
      "UPDATE countries SET name = 'half' WHERE code = c; RAISE EXCEPTION 'stop';",
    ),
    inPlpgsql("PROCEDURE commits(c text)", "INSERT INTO countries (code, name) VALUES (c, c); COMMIT;"),
    inPlpgsql("PROCEDURE looks()", "PERFORM count(*) FROM customers;"),
    inSql(
      `FUNCTION customers_in(c text) RETURNS TABLE(id integer, first_name text, balance numeric, active boolean, born date,
        created timestamp, profile jsonb)`,
      `SELECT ${ROWS} FROM customers WHERE country = c ORDER BY id`,
    ),
    inSql("FUNCTION lone() RETURNS TABLE(lone integer)", "SELECT 42"),
    inSql('FUNCTION "odd name"("some arg" integer) RETURNS integer', "SELECT $1"),
    inSql("FUNCTION secret() RETURNS integer", "SELECT 7"),
    inSql("PROCEDURE secret_work()", "UPDATE countries SET name = name"),
  ],
};

export const mariadbRoutines: RoutineWords = {
  rows: "_proc",
  overloads: false,
  manySets: true,
  integer: "int(11)",
  late: ["CREATE PROCEDURE late(a INT) BEGIN END", "CREATE OR REPLACE PROCEDURE late(a INT, b INT) BEGIN END"],
  text: "varchar(100)",
  create: [
    "CREATE FUNCTION add_up(a INT, b INT) RETURNS INT DETERMINISTIC COMMENT 'Adds two numbers.' RETURN a + b",
    "CREATE FUNCTION shout(t VARCHAR(100)) RETURNS VARCHAR(101) DETERMINISTIC RETURN CONCAT(t, '!')",
    "CREATE FUNCTION is_even(n INT) RETURNS TINYINT(1) DETERMINISTIC RETURN n % 2 = 0",
    "CREATE FUNCTION flip(flag TINYINT(1)) RETURNS TINYINT(1) DETERMINISTIC RETURN NOT flag",
    "CREATE FUNCTION next_day(d DATE) RETURNS DATE DETERMINISTIC RETURN d + INTERVAL 1 DAY",
    "CREATE FUNCTION exactly(n DECIMAL(30,10)) RETURNS DECIMAL(30,10) DETERMINISTIC RETURN n",
    "CREATE FUNCTION big(n BIGINT) RETURNS BIGINT DETERMINISTIC RETURN n",
    "CREATE FUNCTION moment(t DATETIME(6)) RETURNS DATETIME(6) DETERMINISTIC RETURN t",
    "CREATE FUNCTION bytes_of(b VARBINARY(100)) RETURNS VARBINARY(100) DETERMINISTIC RETURN b",
    "CREATE FUNCTION city_of(j JSON) RETURNS VARCHAR(100) DETERMINISTIC RETURN JSON_UNQUOTE(JSON_EXTRACT(j, '$.city'))",
    "CREATE FUNCTION no_value(n INT) RETURNS INT DETERMINISTIC RETURN NULL",
    `CREATE FUNCTION refuse_it(what VARCHAR(100)) RETURNS INT DETERMINISTIC BEGIN
      DECLARE said VARCHAR(100) DEFAULT CONCAT('no more ', what);
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = said; RETURN 1; END`,
    "CREATE FUNCTION fails() RETURNS INT RETURN (SELECT no_such_column FROM customers LIMIT 1)",
    "CREATE PROCEDURE double_it(INOUT v INT) SET v = v * 2",
    `CREATE PROCEDURE split_name(whole VARCHAR(100), OUT head VARCHAR(100), OUT tail VARCHAR(100))
      SELECT SUBSTRING_INDEX(whole, ' ', 1), SUBSTRING_INDEX(whole, ' ', -1) INTO head, tail`,
    "CREATE PROCEDURE rename_country(c VARCHAR(2), n VARCHAR(100)) UPDATE countries SET name = n WHERE code = c",
    `CREATE PROCEDURE half_done(c VARCHAR(2)) BEGIN
      UPDATE countries SET name = 'half' WHERE code = c; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'stop'; END`,
    "CREATE PROCEDURE commits(c VARCHAR(2)) BEGIN COMMIT; INSERT INTO countries (code, name) VALUES (c, c); END",
    "CREATE PROCEDURE looks() BEGIN DECLARE n INT; SELECT COUNT(*) INTO n FROM customers; END",
    `CREATE PROCEDURE customers_in(c VARCHAR(2)) SELECT ${ROWS} FROM customers WHERE country = c ORDER BY id`,
    "CREATE PROCEDURE lone() SELECT 42 AS lone",
    "CREATE FUNCTION `odd name`(`some arg` INT) RETURNS INT DETERMINISTIC RETURN `some arg`",
    "CREATE FUNCTION secret() RETURNS INT DETERMINISTIC RETURN 7",
    "CREATE PROCEDURE secret_work() UPDATE countries SET name = name",
    "CREATE PROCEDURE two_sets() BEGIN SELECT 1 AS a; SELECT 2.50 AS b, 'x' AS c UNION ALL SELECT 3, 'y'; END",
    "CREATE PROCEDURE set_and_out(OUT n INT) BEGIN SELECT 1 AS a; SET n = 5; END",
  ],
};
