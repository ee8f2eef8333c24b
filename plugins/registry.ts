import type { DatabaseType } from "../src/db/define.ts";
import mysql from "./mysql/index.ts";
import sqlite from "./sqlite/index.ts";
export const databaseTypes: readonly DatabaseType[] = [sqlite, mysql];
