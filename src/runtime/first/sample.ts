import type { Bound, Driver, Statement } from "../../db/sql/driver.ts";
import { type SampleRows, sampleRows } from "./sample-rows.ts";

/** A small company: the tables that a new installation serves, so that there is something to ask for. */
const SCHEMA = [
  `CREATE TABLE departments (
    dept_no CHAR(4) NOT NULL PRIMARY KEY,
    dept_name VARCHAR(40) NOT NULL UNIQUE
  ) WITHOUT ROWID`,
  `CREATE TABLE employees (
    emp_no INTEGER PRIMARY KEY,
    first_name VARCHAR(40) NOT NULL,
    last_name VARCHAR(40) NOT NULL,
    email VARCHAR(100) NOT NULL UNIQUE,
    gender CHAR(1) NOT NULL CONSTRAINT employees_gender CHECK (gender IN ('F', 'M', 'X')),
    birth_date DATE NOT NULL,
    hire_date DATE NOT NULL,
    manager_no INTEGER REFERENCES employees (emp_no) ON DELETE SET NULL
  )`,
  "CREATE INDEX employees_last_name ON employees (last_name)",
  "CREATE INDEX employees_manager_no ON employees (manager_no)",
  `CREATE TABLE dept_emp (
    emp_no INTEGER NOT NULL REFERENCES employees (emp_no) ON DELETE CASCADE,
    dept_no CHAR(4) NOT NULL REFERENCES departments (dept_no) ON DELETE CASCADE,
    from_date DATE NOT NULL,
    to_date DATE,
    PRIMARY KEY (emp_no, dept_no)
  ) WITHOUT ROWID`,
  "CREATE INDEX dept_emp_dept_no ON dept_emp (dept_no)",
  `CREATE TABLE titles (
    emp_no INTEGER NOT NULL REFERENCES employees (emp_no) ON DELETE CASCADE,
    title VARCHAR(50) NOT NULL,
    from_date DATE NOT NULL,
    to_date DATE,
    PRIMARY KEY (emp_no, title, from_date)
  ) WITHOUT ROWID`,
  `CREATE TABLE salaries (
    emp_no INTEGER NOT NULL REFERENCES employees (emp_no) ON DELETE CASCADE,
    from_date DATE NOT NULL,
    to_date DATE,
    salary DECIMAL(10,2) NOT NULL CONSTRAINT salaries_positive CHECK (salary > 0),
    PRIMARY KEY (emp_no, from_date)
  ) WITHOUT ROWID`,
  `CREATE VIEW current_dept_emp AS
    SELECT emp_no, dept_no, from_date FROM dept_emp WHERE to_date IS NULL`,
  `CREATE VIEW employee_overview AS
    SELECT e.emp_no, e.first_name, e.last_name, e.email, d.dept_name, t.title, s.salary
    FROM employees e
    LEFT JOIN current_dept_emp c ON c.emp_no = e.emp_no
    LEFT JOIN departments d ON d.dept_no = c.dept_no
    LEFT JOIN titles t ON t.emp_no = e.emp_no AND t.to_date IS NULL
    LEFT JOIN salaries s ON s.emp_no = e.emp_no AND s.to_date IS NULL`,
] as const;

const COLUMNS: Readonly<Record<keyof SampleRows, readonly string[]>> = {
  departments: ["dept_no", "dept_name"],
  employees: ["emp_no", "first_name", "last_name", "email", "gender", "birth_date", "hire_date", "manager_no"],
  dept_emp: ["emp_no", "dept_no", "from_date", "to_date"],
  titles: ["emp_no", "title", "from_date", "to_date"],
  salaries: ["emp_no", "from_date", "to_date", "salary"],
};

/** All statements that make the sample, in order: the tables and views, then inserts of no more than so many values each. */
export function sampleStatements(mostValues: number): readonly Statement[] {
  const tables = Object.entries(sampleRows()) as [keyof SampleRows, readonly (readonly Bound[])[]][];
  const inserts = tables.flatMap(([table, rows]) => insertions(table, rows, mostValues));
  return [...SCHEMA.map((text) => ({ text, values: [] })), ...inserts];
}

/** Values that one statement of SQLite may carry: its default. */
const MOST_VALUES = 32_766;

/** Makes the sample in an empty SQLite database: the whole of it, or nothing. */
export async function createSample(driver: Driver, signal: AbortSignal): Promise<void> {
  await driver.transaction(async (inside) => {
    for (const statement of sampleStatements(MOST_VALUES)) await inside.execute(statement, signal);
  }, signal);
}

function insertions(table: keyof SampleRows, rows: readonly (readonly Bound[])[], mostValues: number): Statement[] {
  const size = Math.floor(mostValues / COLUMNS[table].length);
  const starts = Array.from({ length: Math.ceil(rows.length / size) }, (_, index) => index * size);
  return starts.map((start) => insertion(table, rows.slice(start, start + size)));
}

function insertion(table: keyof SampleRows, rows: readonly (readonly Bound[])[]): Statement {
  const columns = COLUMNS[table];
  const row = `(${columns.map(() => "?").join(", ")})`;
  return {
    text: `INSERT INTO ${table} (${columns.join(", ")}) VALUES ${rows.map(() => row).join(", ")}`,
    values: rows.flat(),
  };
}
