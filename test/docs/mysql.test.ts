import { mariadbTarget } from "../suites/database/targets.ts";
import { exampleCases } from "./cases.ts";
import { databaseStage } from "./stage.ts";

const target = mariadbTarget("mysql", "MySQL");

const TABLES = [
  "CREATE TABLE employees (emp_no INTEGER NOT NULL PRIMARY KEY, first_name VARCHAR(40) NOT NULL, hire_date DATE NOT NULL)",
  "INSERT INTO employees VALUES (10001, 'Georgi', '1986-06-26'), (10002, 'Bezalel', '1985-11-21')",
];

exampleCases("mysql", target.unavailable, () => databaseStage(target, "mysql", TABLES));
