import type { Dialect } from "../../src/db/sql/dialect.ts";
import { isGeometry } from "../mysql/columns.ts";
import { mysql } from "../mysql/dialect.ts";
import { estimate } from "../mysql/estimate.ts";

/** MariaDB, from 10.5 on: MySQL that gives back the rows it inserts or deletes. */
export const mariadb: Dialect = {
  ...mysql,
  returning: { insert: true, update: false, delete: true },
  estimate: { ...estimate, explain: "EXPLAIN EXTENDED " },
  /** A text that is no geometry would be stored as NULL; as it is, the server refuses it. */
  write(column, placeholder) {
    if (!isGeometry(column)) return placeholder;
    return `(SELECT IFNULL(ST_GeomFromText(wkt), wkt) FROM (SELECT ${placeholder} AS wkt) given)`;
  },
};
