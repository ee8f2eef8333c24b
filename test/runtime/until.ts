const WITHIN_MS = 20_000;
const EVERY_MS = 100;

/** Waits until something has come to be. Raises when it does not. */
export async function until(hasComeToBe: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + WITHIN_MS;
  while (!(await hasComeToBe())) {
    if (Date.now() > deadline) throw new Error("It did not come to be in time.");
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
