import type { OpenHouse } from "./house.ts";

/** Takes over what other nodes have changed in the settings. Says whether that was possible: if not, the known ones stay in force. */
export async function lookAtSettings({ store, runtime }: OpenHouse): Promise<boolean> {
  try {
    await store.poll();
    return true;
  } catch (error) {
    const sentence = "The settings could not be looked at for changes; the last known ones stay in force.";
    runtime.log.log("warn", sentence, { error: String(error) });
    return false;
  }
}
