/** The present moment as the store keeps it: `YYYY-MM-DD HH:MM:SS` in UTC. */
export function now(): string {
  return new Date().toISOString().slice(0, 19).replace("T", " ");
}
