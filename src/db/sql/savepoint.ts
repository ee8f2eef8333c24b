import type { Inside } from "./driver.ts";

/** Does `work` between SAVEPOINT and RELEASE: when it raises, what it did is undone, and the transaction goes on. */
export async function savepoint<T>(
  inside: Inside,
  depth: number,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const command = async (text: string) => {
    if (inside.command) await inside.command(text, signal);
    else await inside.execute({ text, values: [] }, signal);
  };
  const name = `s${depth}`;
  await command(`SAVEPOINT ${name}`);
  try {
    const value = await work();
    await command(`RELEASE SAVEPOINT ${name}`);
    return value;
  } catch (error) {
    // Where that is not possible the transaction is broken, and ends in the error that broke it.
    await command(`ROLLBACK TO SAVEPOINT ${name}`).catch(() => undefined);
    throw error;
  }
}
