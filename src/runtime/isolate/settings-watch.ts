import { within } from "../../lib/within.ts";

/** Settings older than this are looked at while the request is served. */
const LOOK_AFTER_MS = 2_000;
/** Settings older than this are looked at first. */
const WAIT_AFTER_MS = 5_000;
/** For how long after its begin a look is waited for. */
const MOST_WAIT_MS = 1_000;
/** A look that takes longer was lost with the request that it ran in: a read of the store gives up at half of it. */
const LOST_MS = 60_000;

interface Look {
  readonly began: number;
  readonly done: Promise<void>;
  isRunning: boolean;
}

/** Keeps settings fresh where nothing runs between requests: the requests themselves have them looked at. */
export class SettingsWatch {
  readonly #begin: () => Promise<boolean>;
  #freshAt = performance.now();
  #last: Look | undefined;

  /** `look` takes over what others have changed, and says whether that was possible; it never raises. */
  constructor(look: () => Promise<boolean>) {
    this.#begin = look;
  }

  /** To be called before each request. Waits for a moment when the settings are old, and goes on with them if it must. */
  async keepFresh(): Promise<void> {
    const age = performance.now() - this.#freshAt;
    if (age < LOOK_AFTER_MS) return;
    const look = this.#present();
    const patience = look.began + MOST_WAIT_MS - performance.now();
    if (age > WAIT_AFTER_MS && look.isRunning && patience > 0) await within(look.done, patience);
  }

  /** One look at a time, and after one that failed none for a while. In the place of one that was lost another is begun. */
  #present(): Look {
    const last = this.#last;
    if (last !== undefined && performance.now() - last.began < (last.isRunning ? LOST_MS : LOOK_AFTER_MS)) return last;
    this.#last = this.#look(performance.now());
    return this.#last;
  }

  #look(began: number): Look {
    const done = this.#begin().then((isFresh) => {
      look.isRunning = false;
      if (isFresh) this.#freshAt = Math.max(this.#freshAt, began);
    });
    const look: Look = { began, done, isRunning: true };
    return look;
  }
}
