/** What a body holds is kept in memory: each record, and each value, costs time and room there, however short it is. */
export const MOST_RECORDS = 100_000;
export const MOST_VALUES = 1_000_000;
/** More than a table of most databases can have. */
export const MOST_FIELDS = 2_000;
/** One record of an upload, which is read a piece at a time. */
export const MOST_LINE_CHARS = 1024 * 1024;
