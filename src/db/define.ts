import type * as v from "valibot";
import type { Absent, ConfigSchema, ServiceHost, ServiceType } from "../contract/service.ts";
import type { DatabaseConfig } from "./config.ts";
import type { Connector } from "./connector.ts";
import { isBatch } from "./operations/read.ts";
import { componentOf } from "./routine/inline.ts";
import { databaseService } from "./service.ts";

/** How a database can hold Millrace's own settings. */
export interface StoreParts {
  /** The schemes of the URLs that name such a database, such as `postgres`. */
  readonly schemes: readonly string[];
  connect(url: string, host: ServiceHost): Promise<Connector>;
}

/** The parts that make a kind of database a kind of service. */
export interface DatabaseParts<S extends ConfigSchema> {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  /** Holds at least what `databaseConfig` holds. */
  readonly config: S;
  readonly store?: StoreParts;
  readonly absent?: Absent;
  connect(config: v.InferOutput<S>, host: ServiceHost): Promise<Connector>;
}

/** A kind of database as a kind of service, and perhaps as a home of the store. */
export interface DatabaseType<S extends ConfigSchema = ConfigSchema> extends ServiceType<S> {
  readonly store?: StoreParts;
}

/** Turns the parts of a database into a service type with `_table` and `_schema`. */
export function defineDatabase<S extends ConfigSchema>(parts: DatabaseParts<S>): DatabaseType<S> {
  const { name, label, description, config, store, absent } = parts;
  return {
    name,
    label,
    group: "Database",
    description,
    config,
    ...(store && { store }),
    ...(absent && { absent }),
    component: componentOf,
    guardsParts: isBatch,
    open: async (settings, host) => {
      const connector = await parts.connect(settings, host);
      return databaseService(host, connector, settings as unknown as DatabaseConfig);
    },
  };
}
