/** How many related rows one request may bring. */
export const MOST_RELATED_ROWS = 100_000;
