/** Queries of the system catalog: unlike information_schema it knows materialised views, and is quick. */

export const DEFAULT_SCHEMA = "SELECT current_schema()";

/**
 * Tables, partitioned tables, views, materialised views and foreign tables; not single partitions, nor what the account
 * may not use at all. $1: `{}` = the default schema, `{*}` = all but the system's, else these.
 */
export const TABLES = `
SELECT c.oid, n.nspname, c.relname, c.relkind, pg_catalog.obj_description(c.oid, 'pg_class')
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND c.relpersistence <> 't'
  AND CASE
    WHEN $1::text[] = '{}' THEN n.nspname = current_schema()
    WHEN $1::text[] = '{*}' THEN n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    ELSE n.nspname = ANY ($1::text[])
  END
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND (pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE')
    OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE'))
ORDER BY n.nspname, c.relname`;

/**
 * Columns of the tables $1, in order, each with the type below its domains; for arrays that of the elements, and last the
 * oid of the array's own. A domain lends its own default and NOT NULL to the columns of it.
 */
export const COLUMNS = `
WITH RECURSIVE layer (id, type, modifier, is_not_null, default_text, depth) AS (
  SELECT oid, typbasetype, typtypmod, typnotnull, typdefault, 1 FROM pg_catalog.pg_type WHERE typtype = 'd'
  UNION ALL
  SELECT l.id, t.typbasetype, CASE WHEN l.modifier < 0 THEN t.typtypmod ELSE l.modifier END,
    l.is_not_null OR t.typnotnull, coalesce(l.default_text, t.typdefault), l.depth + 1
  FROM layer l JOIN pg_catalog.pg_type t ON t.oid = l.type AND t.typtype = 'd'
), domain AS (
  SELECT DISTINCT ON (id) id, type, modifier, is_not_null, default_text FROM layer ORDER BY id, depth DESC
)
SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
  b.typname, coalesce(ed.modifier, CASE WHEN a.atttypmod < 0 THEN d.modifier ELSE a.atttypmod END, -1),
  CASE WHEN b.typtype = 'e' THEN
    (SELECT json_agg(v.enumlabel ORDER BY v.enumsortorder) FROM pg_catalog.pg_enum v WHERE v.enumtypid = b.oid)
  END,
  e.oid IS NOT NULL, pg_catalog.format_type(e.oid, NULL),
  a.attnotnull OR coalesce(d.is_not_null, false),
  coalesce(pg_catalog.pg_get_expr(f.adbin, f.adrelid), d.default_text), a.attidentity, a.attgenerated, t.oid
FROM pg_catalog.pg_attribute a
LEFT JOIN domain d ON d.id = a.atttypid
JOIN pg_catalog.pg_type t ON t.oid = coalesce(d.type, a.atttypid)
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
LEFT JOIN domain ed ON ed.id = e.oid
JOIN pg_catalog.pg_type b ON b.oid = coalesce(ed.type, e.oid, t.oid)
LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
  AND pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT, INSERT, UPDATE')
ORDER BY a.attrelid, a.attnum`;

/** Indexes of the tables $1. One of expressions, or of some rows only, does not make its columns unique. */
export const INDEXES = `
SELECT i.indrelid, c.relname, i.indisprimary,
  i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL, k.names
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
CROSS JOIN LATERAL (
  SELECT json_agg(a.attname ORDER BY u.place) AS names
  FROM unnest(i.indkey::int2[]) WITH ORDINALITY u (number, place)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number
  WHERE u.place <= i.indnkeyatts
) k
WHERE i.indrelid = ANY ($1::oid[]) AND i.indisvalid AND k.names IS NOT NULL
ORDER BY i.indrelid, NOT i.indisprimary, c.relname`;

/** Foreign keys of the tables $1; those that partitions inherit are left out. */
export const FOREIGN_KEYS = `
SELECT o.conrelid, near.names, n.nspname, r.relname, far.names, o.confupdtype, o.confdeltype
FROM pg_catalog.pg_constraint o
JOIN pg_catalog.pg_class r ON r.oid = o.confrelid
JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
CROSS JOIN LATERAL (
  SELECT json_agg(a.attname ORDER BY u.place) AS names FROM unnest(o.conkey) WITH ORDINALITY u (number, place)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = u.number
) near
CROSS JOIN LATERAL (
  SELECT json_agg(a.attname ORDER BY u.place) AS names FROM unnest(o.confkey) WITH ORDINALITY u (number, place)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = o.confrelid AND a.attnum = u.number
) far
WHERE o.contype = 'f' AND o.conparentid = 0 AND o.conrelid = ANY ($1::oid[])
ORDER BY o.conrelid, near.names::text, o.conname`;
