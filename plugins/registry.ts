// Made by `npm run registry`: do not edit.
import type { DatabaseType } from "../src/db/define.ts";
import alloydb from "./alloydb/index.ts";
import d1 from "./d1/index.ts";
import mariadb from "./mariadb/index.ts";
import mysql from "./mysql/index.ts";
import neon from "./neon/index.ts";
import pgsql from "./pgsql/index.ts";
import sqlite from "./sqlite/index.ts";

/** Every kind of database that Millrace serves. */
export const databaseTypes: readonly DatabaseType[] = [
  alloydb,
  d1,
  mariadb,
  mysql,
  neon,
  pgsql,
  sqlite,
];
