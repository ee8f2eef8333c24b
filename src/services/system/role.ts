import * as v from "valibot";
import { isJsonObject } from "../../lib/json.ts";
import { flag, wholeNumber } from "../../lib/schema.ts";
import { validate } from "../../lib/validate.ts";
import type { SystemRow } from "../../store/rows.ts";
import { definite, type Nested, optionalText, type SystemResource } from "./resource.ts";

const entries = {
  name: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(64)),
  description: optionalText,
  is_active: v.optional(flag),
};

const mask = (most: number) => v.pipe(wholeNumber(), v.maxValue(most));
const onlyIf = (holds: (value: unknown) => boolean, message: string) =>
  v.optional(v.nullable(v.custom<unknown>(holds, message)));
const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0;
const isAllFields = (value: unknown) => Array.isArray(value) && value.length === 1 && value[0] === "*";
const isEmptyObject = (value: unknown) => isJsonObject(value) && Object.keys(value).length === 0;

/** Rules that are not enforced must not be stored as if they were: they are refused until they are. */
const accessEntries = {
  service_id: v.optional(v.nullable(wholeNumber())),
  component: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(255)))),
  verb_mask: v.optional(mask(31)),
  requestor_mask: v.optional(mask(3)),
  filters: onlyIf(isEmptyList, "must be an empty list: row filters are not served yet"),
  fields_read: onlyIf(isAllFields, 'must be null or ["*"]: field lists are not served yet'),
  fields_write: onlyIf(isAllFields, 'must be null or ["*"]: field lists are not served yet'),
  mask: onlyIf(isEmptyObject, "must be null: masks are not served yet"),
};

const roleServiceAccess: Nested = {
  table: "role_service_access",
  key: "role_id",
  fields: ["id", "role_id", "filter_op", ...Object.keys(accessEntries)],
  schema: v.pipe(
    v.object(accessEntries),
    v.transform(({ service_id, component, verb_mask, requestor_mask }) =>
      definite({ service_id, component: component ?? undefined, verb_mask, requestor_mask }),
    ),
  ),
  defaults: { service_id: null, component: "", verb_mask: 0, requestor_mask: 1 },
  show: (row) => ({ ...row, filters: [], filter_op: "AND", fields_read: null, fields_write: null, mask: null }),
};

/** Roles, with what each may touch. */
export const roleResource: SystemResource = {
  name: "role",
  table: "role",
  hidden: [],
  nested: {
    role_service_access_by_role_id: roleServiceAccess,
    app_by_role_id: { table: "app", key: "role_id", resource: "app", show: (row) => row },
  },
  show: async (row) => row,
  create: async (said) => ({ row: { is_active: false, ...readRow(v.object(entries), said) } }),
  update: async (said) => ({ row: readRow(v.partial(v.object(entries)), said) }),
};

function readRow(schema: v.GenericSchema<unknown, Readonly<Record<string, unknown>>>, said: SystemRow): SystemRow {
  return validate(schema, said) as SystemRow;
}
