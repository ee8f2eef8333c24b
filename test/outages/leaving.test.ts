import { DatabaseSync } from "node:sqlite";
import { mariadbTarget, postgresTarget, sqliteTarget } from "../suites/database/targets.ts";
import { leavingSuite } from "./leaving.ts";

const ROWS = 60_000;

leavingSuite({
  target: postgresTarget(),
  fill: `INSERT INTO many SELECT n, repeat('x', 500) FROM generate_series(1, ${ROWS}) AS n`,
  running: async ({ database }) => {
    const rows = await database.query(
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()",
    );
    return rows.length;
  },
});

leavingSuite({
  target: mariadbTarget(),
  fill: `INSERT INTO many SELECT seq, REPEAT('x', 500) FROM seq_1_to_${ROWS}`,
  running: async ({ database }) => {
    const rows = await database.query(
      "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND command <> 'Sleep' AND id <> CONNECTION_ID()",
    );
    return rows.length;
  },
});

leavingSuite({
  target: sqliteTarget(),
  fill: `INSERT INTO many WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
    SELECT i, printf('%.500c', 'x') FROM n`,
  /** A log can not be cut as long as somebody reads an older state of the file. */
  running: async ({ database }) => {
    const file = new DatabaseSync(String(database.config.database));
    try {
      file.exec("UPDATE many SET note = note || 'y' WHERE id = 1");
      const [row] = file.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all() as { busy: number }[];
      return row?.busy ?? 0;
    } finally {
      file.close();
    }
  },
});
