/** One line of the log of a house. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly message: string };

/** A Millrace that serves on one of the runtimes. */
export interface ServedHouse {
  readonly url: string;
  /** All lines of the log until now: those of every request that has been answered are among them. */
  log(): Promise<readonly LogLine[]>;
  /** An object that the platform binds to a name, such as a D1 database. */
  binding?(name: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts a house with the settings of an environment. */
export type Serve = (env: Readonly<Record<string, string>>) => Promise<ServedHouse>;
