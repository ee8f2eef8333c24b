import type { ColumnFacts } from "../../src/db/catalog.ts";
import type { ParamFacts, ParamMode, RoutineFacts } from "../../src/db/routine/facts.ts";
import type { Execute } from "../../src/db/sql/connector.ts";
import type { SqlRoutines } from "../../src/db/sql/routines.ts";
import { columnFacts } from "./column-facts.ts";
import { number, partId, Reader, type Row, text } from "./information-schema.ts";
import { callRoutine } from "./routine-call.ts";

/** How MySQL and MariaDB find and call routines. */
export function mysqlRoutines(schema: string): SqlRoutines {
  return { read: (execute) => readRoutines(execute, schema), call: callRoutine };
}

async function readRoutines(execute: Execute, schema: string): Promise<readonly RoutineFacts[]> {
  const reader = await Reader.open(execute, schema);
  const rows = await reader.select(
    "ROUTINES",
    ["ROUTINE_SCHEMA", "ROUTINE_NAME", "ROUTINE_TYPE", "ROUTINE_COMMENT"],
    "ROUTINE_TYPE IN ('PROCEDURE', 'FUNCTION')",
  );
  const params = Map.groupBy(await readParams(reader), partId);
  return rows.map((row) => routineFacts(row, params.get(partId(row)) ?? [], reader));
}

/** Each with the routine that it is of first; what a function gives has the place 0. */
function readParams(reader: Reader): Promise<readonly Row[]> {
  return reader.select(
    "PARAMETERS",
    [
      "SPECIFIC_SCHEMA",
      "SPECIFIC_NAME",
      "ROUTINE_TYPE",
      "ORDINAL_POSITION",
      "PARAMETER_MODE",
      "PARAMETER_NAME",
      "DATA_TYPE",
      "DTD_IDENTIFIER",
      "CHARACTER_MAXIMUM_LENGTH",
      "NUMERIC_PRECISION",
      "NUMERIC_SCALE",
      "DATETIME_PRECISION",
      "CHARACTER_SET_NAME",
    ],
    "",
    "SPECIFIC_SCHEMA, SPECIFIC_NAME, ROUTINE_TYPE, ORDINAL_POSITION",
  );
}

function routineFacts(row: Row, parts: readonly Row[], { defaultSchema, isMariadb }: Reader): RoutineFacts {
  const [schema = "", name = "", kind = "", comment = ""] = row.map(text);
  const given = parts.filter((part) => Number(part[3]) === 0);
  const [type] = given.map((part) => typeFacts(part, isMariadb));
  return {
    schema,
    name,
    kind: kind === "FUNCTION" ? "function" : "procedure",
    comment: comment === "" ? null : comment,
    isBare: schema === defaultSchema,
    params: parts
      .filter((part) => Number(part[3]) > 0)
      .map((part): ParamFacts => ({ ...typeFacts(part, isMariadb), mode: (text(part[4]) || "IN") as ParamMode })),
    result: type === undefined ? { kind: "none" } : { kind: "scalar", type: { ...type, name }, isSet: false },
  };
}

function typeFacts(part: Row, isMariadb: boolean): ColumnFacts {
  const [name = "", dataType = "", columnType = ""] = part.slice(5).map(text);
  const [length = null, precision = null, scale = null, datetimePrecision = null] = part.slice(8).map(number);
  // Some servers add the character set to the type.
  const plainType = columnType.replace(/ (?:charset|character set) .*$/i, "");
  return columnFacts({
    name,
    dataType,
    columnType: plainType,
    length,
    precision,
    scale,
    datetimePrecision,
    characterSet: text(part[12]),
    default: null,
    allowNull: true,
    extra: "",
    isMariadb,
    isJson: dataType.toLowerCase() === "json",
  });
}
