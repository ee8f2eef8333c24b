import type { Json } from "../../../src/contract/json.ts";
import type { ServedHouse } from "../../runtimes/served.ts";
import type { RoutineWords } from "./routine-words.ts";

/** What the fixtures write in the words of one database. */
export interface Words {
  readonly quote: (name: string) => string;
  /** The columns in the list of a SELECT, quoted, where it does not hold their names alone. */
  readonly selected?: (list: string) => readonly string[];
  /** The statements of one line of the log, where it may hold several. */
  readonly statements?: (sql: string) => readonly string[];
  /** An integer key that the database makes. */
  readonly autoKey: string;
  readonly text: string;
  readonly boolean: string;
  readonly bigint: string;
  readonly double: string;
  readonly float: string;
  readonly decimal: (precision: number, scale: number) => string;
  readonly date: string;
  readonly time: string;
  /** Date and time with microseconds, without a time zone. */
  readonly datetime: string;
  readonly json: string;
  readonly binary: string;
  readonly uuid: string;
  /** How routines are defined, where there are any. */
  readonly routines?: RoutineWords;
}

/** A database of its own for one test file, and how a service reaches it. */
export interface TargetDatabase {
  /** The config of the service under test. */
  readonly config: { readonly [key: string]: Json };
  /** Runs SQL past Millrace; gives the rows of the last statement. */
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  drop(): Promise<void>;
}

/** One implementer of the database conformance suite. */
export interface Target {
  /** The name in test titles. */
  readonly title: string;
  /** The service type under test. */
  readonly type: string;
  readonly words: Words;
  /** What the database itself does, where databases differ by right. */
  readonly traits: {
    /** LIKE and `=` on text take upper and lower case for the same. */
    readonly ignoresCase: boolean;
    /** Where NULL stands in ascending order when nobody says. */
    readonly nullsFirst: boolean;
    /** Whether an UPDATE says by itself which rows it changed. */
    readonly updateReturns: boolean;
    /** Whether an INSERT and a DELETE say by themselves which rows they touched. */
    readonly insertReturns: boolean;
    /** Whether the database itself refuses values of another type. */
    readonly isStrict: boolean;
    /** Whether `#table` and `Table` are two tables. */
    readonly tablesKeepCase: boolean;
    /** Whether a table or column is found by its name in the very same case only. */
    readonly namesKeepCase: boolean;
    /** Whether texts, JSON and names may hold the character U+0000. */
    readonly keepsNul: boolean;
    /** Whether a row can be written through a simple view. */
    readonly writesViews: boolean;
    /** Whether the failure of a foreign key names its columns. */
    readonly namesReferences: boolean;
    /** Whether times are read with as many digits of a second as their type has. */
    readonly fillsFractions: boolean;
    /** Whether a list that is undone can say what its other records would have come to. */
    readonly tellsUndone: boolean;
    /** How many bits an INTEGER has. */
    readonly integerBits: 32 | 64;
    /** Types whose values sort or read in a way of their own, with some values as they stand in SQL. */
    readonly oddTypes: readonly (readonly [type: string, ...values: string[]])[];
    /** How the database comes to know its tables, so that it can guess at counts; none where it does not. */
    readonly estimates: { analyze(table: string): string } | undefined;
    /** Whether 0 as an automatic key means "make one". */
    readonly zeroMakesKey: boolean;
    /** Whether a transaction can stay open from one statement to the next. */
    readonly holdsTransactions: boolean;
    /** The simple types that read back as another one. */
    readonly readsAs: Readonly<Record<string, string>>;
    /** Whether the type, NULL and references of a column that stands can be changed. */
    readonly altersColumns: boolean;
  };
  /** Why the suite cannot run here, or `undefined`. */
  readonly unavailable: string | undefined;
  /** Makes a database that is served by the house. */
  open(house: ServedHouse): Promise<TargetDatabase>;
}
