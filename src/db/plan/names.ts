import { Fault } from "../../contract/fault.ts";
import { type Catalog, type Column, findAggregate, findColumn, findTable, type Table } from "../catalog.ts";

/** A request names something that the catalog does not hold; perhaps the catalog is out of date. */
export class UnknownName extends Fault {}

/** A value does not fit what the catalog says of its field; perhaps the field has changed since. */
export class RefusedValue extends Fault {
  readonly field: string;

  constructor(field: string, fault: Fault) {
    super(fault.code, fault.message);
    this.field = field;
  }
}

/** The table of this name. Raises `not_found`. */
export function demandTable(catalog: Catalog, name: string): Table {
  const table = findTable(catalog, name);
  if (table === undefined) throw new UnknownName("not_found", `Table '${shown(name)}' does not exist in the database.`);
  return table;
}

/** The column that a request names. Raises `bad_request`. */
export function demandColumn(catalog: Catalog, table: Table, name: string): Column {
  const column = findColumn(catalog, table, name);
  if (column === undefined && findAggregate(catalog, table, name))
    throw new Fault(
      "bad_request",
      `Field '${shown(name)}' is an aggregate: it stands in 'fields' beside 'group' only.`,
    );
  if (column === undefined) throw new UnknownName("bad_request", `Invalid field requested: '${shown(name)}'.`);
  return column;
}

/** A name of a request as a message may repeat it. */
export function shown(name: string): string {
  return name.length > 64 ? `${name.slice(0, 64)}…` : name;
}
