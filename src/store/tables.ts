import type { ColumnDefinition, TableDefinition } from "../db/definition.ts";

const id: ColumnDefinition = { name: "id", type: "id" };
const name = (length: number): ColumnDefinition => ({
  name: "name",
  type: "string",
  length,
  required: true,
  unique: true,
});
const text = (column: string): ColumnDefinition => ({ name: column, type: "text" });
const string = (column: string, length = 255): ColumnDefinition => ({ name: column, type: "string", length });
const flag = (column: string): ColumnDefinition => ({ name: column, type: "boolean", required: true });
const integer = (column: string): ColumnDefinition => ({ name: column, type: "integer", required: true });

/** Who made and changed a row, and when (UTC). */
const stamps: readonly ColumnDefinition[] = [
  { name: "created_date", type: "datetime" },
  { name: "last_modified_date", type: "datetime" },
  { name: "created_by_id", type: "integer" },
  { name: "last_modified_by_id", type: "integer" },
];

const service: TableDefinition = {
  name: "service",
  columns: [
    id,
    name(40),
    string("label", 80),
    text("description"),
    flag("is_active"),
    { ...string("type", 40), required: true },
    flag("mutable"),
    flag("deletable"),
    text("config"),
    ...stamps,
  ],
};

const role: TableDefinition = {
  name: "role",
  columns: [id, name(64), text("description"), flag("is_active"), ...stamps],
};

const roleServiceAccess: TableDefinition = {
  name: "role_service_access",
  columns: [
    id,
    { name: "role_id", type: "integer", required: true, references: { table: "role", onDelete: "CASCADE" } },
    { name: "service_id", type: "integer", references: { table: "service", onDelete: "CASCADE" } },
    { ...string("component"), required: true },
    integer("verb_mask"),
    integer("requestor_mask"),
  ],
};

const app: TableDefinition = {
  name: "app",
  columns: [
    id,
    name(64),
    text("description"),
    flag("is_active"),
    integer("type"),
    string("url"),
    string("path"),
    string("launch_url"),
    string("api_key", 64),
    { name: "role_id", type: "integer", references: { table: "role", onDelete: "SET NULL" } },
    ...stamps,
  ],
};

const apiKey: TableDefinition = {
  name: "api_key",
  columns: [
    id,
    { name: "app_id", type: "integer", required: true, references: { table: "app", onDelete: "CASCADE" } },
    { ...string("prefix", 16), required: true },
    { ...string("digest", 64), required: true, unique: true },
    flag("is_active"),
    { name: "created_date", type: "datetime" },
  ],
};

const user: TableDefinition = {
  name: "user",
  columns: [
    id,
    string("name"),
    { ...string("username"), unique: true },
    string("first_name"),
    string("last_name"),
    { ...string("email"), required: true, unique: true },
    { ...string("password"), required: true },
    flag("is_active"),
    flag("is_sys_admin"),
    string("phone", 64),
    { name: "default_app_id", type: "integer", references: { table: "app", onDelete: "SET NULL" } },
    { name: "last_login_date", type: "datetime" },
    { name: "tokens_since", type: "bigint", required: true },
    ...stamps,
  ],
};

const tokenRevocation: TableDefinition = {
  name: "token_revocation",
  columns: [
    id,
    { ...string("jti", 64), required: true, unique: true },
    { name: "expires", type: "bigint", required: true },
  ],
};

/** One row: which state of the settings the other tables hold, and a text by which a wrong master key is noticed. */
const storeState: TableDefinition = {
  name: "store_state",
  columns: [id, { ...string("version", 64), required: true }, { ...text("sealed"), required: true }],
};

const migration: TableDefinition = { name: "migration", columns: [id, name(64)] };

/** What Millrace keeps of the tables of services: one row for each, and one for the stamp of the service. */
const schemaExtra: TableDefinition = {
  name: "schema_extra",
  columns: [
    id,
    { name: "service_id", type: "integer", required: true, references: { table: "service", onDelete: "CASCADE" } },
    { ...string("table_name"), required: true },
    { ...text("content"), required: true },
  ],
};

/** Writes that are to be done once: a digest of the key, the sealed digest of the request, and the sealed answer once there is one. */
const idempotency: TableDefinition = {
  name: "idempotency",
  columns: [
    id,
    { ...string("key_digest", 64), required: true, unique: true },
    { ...text("request"), required: true },
    { name: "began", type: "bigint", required: true },
    text("answer"),
  ],
};

/** Where the migrations that were run are written down. */
export const MIGRATION_TABLE = migration;

/** One step of the store's own schema; each is run once, in this order. */
export interface Migration {
  readonly name: string;
  readonly tables: readonly TableDefinition[];
}

export const MIGRATIONS: readonly Migration[] = [
  { name: "0001-begin", tables: [service, role, roleServiceAccess, app, apiKey, user, tokenRevocation, storeState] },
  { name: "0002-schema-extras", tables: [schemaExtra] },
  { name: "0003-idempotency", tables: [idempotency] },
];
