import type { ParamFacts, ParamMode, ResultFacts, RoutineFacts } from "../../src/db/routine/facts.ts";
import type { Execute } from "../../src/db/sql/connector.ts";
import type { SqlRoutines } from "../../src/db/sql/routines.ts";
import { arrayLiteral } from "./array.ts";
import { ROUTINES } from "./catalog-queries.ts";
import type { PgColumn } from "./columns.ts";
import { readDefault } from "./default.ts";
import { type Fields, readColumn, readList } from "./introspect.ts";
import { callRoutine, goesAlone } from "./routine-call.ts";
import { readTypes, type Types, typeOf } from "./routine-types.ts";

/** How PostgreSQL finds and calls routines. */
export function pgsqlRoutines(schemas: readonly string[]): SqlRoutines {
  return { read: (execute) => readRoutines(execute, schemas), call: callRoutine, isAlone: goesAlone };
}

interface Raw {
  readonly row: Fields;
  readonly types: readonly number[];
  readonly returns: number;
}

async function readRoutines(execute: Execute, schemas: readonly string[]): Promise<readonly RoutineFacts[]> {
  const rows = (await execute({ text: ROUTINES, values: [arrayLiteral(schemas)] })).rows as readonly Fields[];
  const found = rows.map((row): Raw => ({ row, types: readList(row[9]).map(Number), returns: Number(row[7]) }));
  const types = await readTypes(execute, new Set(found.flatMap((raw) => [raw.returns, ...raw.types])));
  return found.map((raw) => routineFacts(raw, types));
}

const MODES: Readonly<Record<string, ParamMode>> = { i: "IN", v: "IN", o: "OUT", b: "INOUT" };
function routineFacts(raw: Raw, types: Types): RoutineFacts {
  const [, schema, name, kind, comment, isBare, , , , , modesJson, namesJson, , defaults] = raw.row;
  const modes = readList(modesJson);
  const names = readList(namesJson);
  const expressions = readList(defaults) as readonly (string | null)[];
  const parts = raw.types.map((oid, index) => {
    const facts = { ...typeOf(oid, types).facts, name: names[index] ?? "" };
    return { facts, mode: modes[index] ?? "i", expression: expressions[index] ?? null };
  });
  const params = parts.flatMap(({ facts, mode, expression }, index): readonly ParamFacts[] => {
    if (mode === "t") return [];
    // Who opens a cursor names it.
    const hasDefault = expression !== null || facts.base === "refcursor";
    const isGiven = { default: readDefault(expression), hasDefault };
    const known = { ...facts, name: facts.name || `$${index + 1}`, mode: MODES[mode] ?? "IN", ...isGiven };
    return [{ ...known, ...(mode === "v" && { isVariadic: true }) }];
  });
  const given = parts.flatMap(({ facts, mode }, index) =>
    mode === "t" || mode === "o" || mode === "b" ? [{ ...facts, name: facts.name || `column${index + 1}` }] : [],
  );
  return {
    schema: schema ?? "",
    name: name ?? "",
    kind: kind === "p" ? "procedure" : "function",
    comment: comment ?? null,
    isBare: isBare === "t",
    params,
    result: kind === "p" ? { kind: "none" } : resultOf(raw, given, types),
  };
}

/** Parameters that come back are columns of what a function gives. */
function resultOf({ row, returns }: Raw, given: readonly PgColumn[], types: Types): ResultFacts {
  const isSet = row[6] === "t";
  if (given.length > 0) return { kind: "rows", columns: given, isSet };
  const type = typeOf(returns, types);
  if (type.kind === "c") {
    const columns = (types.attributes.get(type.relation) ?? []).map(readColumn);
    return { kind: "rows", columns, isSet };
  }
  if (type.facts.base === "record") return { kind: "record", isSet };
  return type.facts.base === "void" ? { kind: "none" } : { kind: "scalar", type: type.facts, isSet };
}
