/** Statements that make so many tables, `t001` and on, with 8 columns each, keys and an index; all servers take them. */
export function manyTables(count: number): string {
  return Array.from({ length: count }, (_, index) => tableSql(index + 1)).join("\n");
}

export function tableName(number: number): string {
  return `t${String(number).padStart(3, "0")}`;
}

/** Each refers to the one before it, the first to itself. */
function tableSql(number: number): string {
  const name = tableName(number);
  return `CREATE TABLE ${name} (
    id INTEGER NOT NULL PRIMARY KEY,
    parent_id INTEGER,
    name VARCHAR(40) NOT NULL,
    email VARCHAR(100) NOT NULL,
    amount DECIMAL(12,2) DEFAULT 0,
    born DATE,
    created TIMESTAMP NULL,
    notes TEXT,
    CONSTRAINT ${name}_email UNIQUE (email),
    CONSTRAINT ${name}_parent FOREIGN KEY (parent_id) REFERENCES ${tableName(Math.max(1, number - 1))} (id)
  );
  CREATE INDEX ${name}_name ON ${name} (name);`;
}
