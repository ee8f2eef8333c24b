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

/** The type below each domain. A domain lends its own default and NOT NULL to the columns of it. */
const DOMAINS = `
WITH RECURSIVE layer (id, type, modifier, is_not_null, default_text, depth) AS (
  SELECT oid, typbasetype, typtypmod, typnotnull, typdefault, 1 FROM pg_catalog.pg_type WHERE typtype = 'd'
  UNION ALL
  SELECT l.id, t.typbasetype, CASE WHEN l.modifier < 0 THEN t.typtypmod ELSE l.modifier END,
    l.is_not_null OR t.typnotnull, coalesce(l.default_text, t.typdefault), l.depth + 1
  FROM layer l JOIN pg_catalog.pg_type t ON t.oid = l.type AND t.typtype = 'd'
), domain AS (
  SELECT DISTINCT ON (id) id, type, modifier, is_not_null, default_text FROM layer ORDER BY id, depth DESC
)`;

/** What a type is like, the type `t` and its elements `e` given; `b` is that of the elements below all domains. */
const LABELS = `CASE WHEN b.typtype = 'e' THEN
    (SELECT json_agg(v.enumlabel ORDER BY v.enumsortorder) FROM pg_catalog.pg_enum v WHERE v.enumtypid = b.oid)
  END`;

/**
 * Columns of the relations $1, in order, each with the type below its domains; for arrays that of the elements, then the
 * oid of the array's own, and last the schema of the type.
 */
const COLUMNS_OF = `${DOMAINS}
SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
  b.typname, coalesce(ed.modifier, CASE WHEN a.atttypmod < 0 THEN d.modifier ELSE a.atttypmod END, -1),
  ${LABELS},
  e.oid IS NOT NULL, pg_catalog.format_type(e.oid, NULL),
  a.attnotnull OR coalesce(d.is_not_null, false),
  coalesce(pg_catalog.pg_get_expr(f.adbin, f.adrelid), d.default_text), a.attidentity, a.attgenerated, t.oid,
  h.nspname
FROM pg_catalog.pg_attribute a
LEFT JOIN domain d ON d.id = a.atttypid
JOIN pg_catalog.pg_type t ON t.oid = coalesce(d.type, a.atttypid)
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
LEFT JOIN domain ed ON ed.id = e.oid
JOIN pg_catalog.pg_type b ON b.oid = coalesce(ed.type, e.oid, t.oid)
JOIN pg_catalog.pg_namespace h ON h.oid = b.typnamespace
LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped`;
const IN_ORDER = "ORDER BY a.attrelid, a.attnum";

/** Columns of the tables $1 that the account may use in some way. */
export const COLUMNS = `${COLUMNS_OF}
  AND pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT, INSERT, UPDATE')
${IN_ORDER}`;

/** Columns of the composite types $1, those of tables included: a function may give what the account can not read itself. */
export const ATTRIBUTES = `${COLUMNS_OF}
${IN_ORDER}`;

/** The types $1 as if each were a column; behind that what kind of type it is, and the relation of a composite one. */
export const TYPES = `${DOMAINS}
SELECT o.oid, '', pg_catalog.format_type(o.oid, -1), b.typname, coalesce(ed.modifier, d.modifier, -1), ${LABELS},
  e.oid IS NOT NULL, pg_catalog.format_type(e.oid, NULL), false, NULL, '', '', t.oid, h.nspname, t.typtype, t.typrelid
FROM pg_catalog.pg_type o
LEFT JOIN domain d ON d.id = o.oid
JOIN pg_catalog.pg_type t ON t.oid = coalesce(d.type, o.oid)
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
LEFT JOIN domain ed ON ed.id = e.oid
JOIN pg_catalog.pg_type b ON b.oid = coalesce(ed.type, e.oid, t.oid)
JOIN pg_catalog.pg_namespace h ON h.oid = b.typnamespace
WHERE o.oid = ANY ($1::oid[])`;

const SYSTEM_SCHEMA = "(n.nspname ~ '^pg_' OR n.nspname = 'information_schema')";

/**
 * Functions and procedures that the account may call: of the schemas $1 (as in {@link TABLES}), and those of others that
 * go by their bare names, such as those of an extension on the search path. Not aggregates and window functions, nor what
 * takes or gives what has no text, such as the functions of triggers and of types. Nor what an extension has to change
 * things by: who may call any function of a service is not meant by that to administer the database.
 */
export const ROUTINES = `
SELECT p.oid, n.nspname, p.proname, p.prokind, pg_catalog.obj_description(p.oid, 'pg_proc'),
  n.nspname = current_schema() OR pg_catalog.pg_function_is_visible(p.oid),
  p.proretset, p.prorettype, p.provariadic <> 0,
  array_to_json(coalesce(p.proallargtypes, p.proargtypes::oid[])), array_to_json(p.proargmodes::text[]),
  array_to_json(p.proargnames), p.pronargdefaults,
  CASE WHEN p.pronargdefaults > 0 THEN (
    SELECT json_agg(pg_catalog.pg_get_function_arg_default(p.oid, place) ORDER BY place)
    FROM generate_series(1, cardinality(coalesce(p.proallargtypes, p.proargtypes::oid[]))) place
  ) END
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p') AND NOT ${SYSTEM_SCHEMA}
  AND (pg_catalog.pg_function_is_visible(p.oid) OR CASE
    WHEN $1::text[] = '{}' THEN n.nspname = current_schema()
    WHEN $1::text[] = '{*}' THEN true
    ELSE n.nspname = ANY ($1::text[])
  END)
  AND NOT EXISTS (
    SELECT 1 FROM unnest(p.proargtypes::oid[] || p.prorettype) part JOIN pg_catalog.pg_type y ON y.oid = part
    WHERE y.typtype = 'p' AND NOT (y.typname ~ '^any(element|array|nonarray|enum|compatible|compatiblearray|compatiblenonarray)$'
      OR (y.typname IN ('void', 'record') AND part = p.prorettype AND NOT part = ANY (p.proargtypes::oid[])))
  )
  AND NOT EXISTS (
    SELECT 1 FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' AND EXISTS (
      SELECT 1 FROM pg_catalog.pg_proc v
      WHERE v.proname = p.proname AND v.pronamespace = p.pronamespace AND v.provolatile = 'v'
    )
  )
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
ORDER BY n.nspname, p.proname, p.pronargs, p.oid`;

/** Indexes of the tables $1. One of expressions, or of some rows only, does not make its columns unique. */
export const INDEXES = `
SELECT i.indrelid, c.relname, i.indisprimary,
  i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL, k.names,
  i.indpred IS NOT NULL OR i.indexprs IS NOT NULL
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
SELECT o.conrelid, near.names, n.nspname, r.relname, far.names, o.confupdtype, o.confdeltype, o.conname
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
