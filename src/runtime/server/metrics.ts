import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Observer } from "../../http/observer.ts";
import type { Store } from "../../store/store.ts";

/** What is served to Prometheus. */
export interface Metrics {
  readonly observer: Observer;
  readonly contentType: string;
  /** All metrics in the text format of Prometheus. */
  text(): Promise<string>;
  /** Tells of the settings in force from here on. */
  follow(store: Pick<Store, "settings" | "freshness">): void;
}

/** What the process uses: made once, for its collectors can not be ended. */
const ofProcess = new Registry();
collectDefaultMetrics({ register: ofProcess });

/** The metrics of one Millrace. `build` are the labels of `millrace_build_info`. */
export function createMetrics(build: Readonly<Record<string, string>>): Metrics {
  const registry = new Registry();
  new Gauge({
    name: "millrace_build_info",
    help: "Always 1: the labels say what runs.",
    labelNames: Object.keys(build),
    registers: [registry],
  }).set(build, 1);
  return {
    observer: countRequests(registry),
    contentType: registry.contentType,
    text: async () => `${await registry.metrics()}\n${await ofProcess.metrics()}`,
    follow: (store) => showSettings(store, registry),
  };
}

/** prom-client takes about a microsecond for both per request; labels bound beforehand were no faster. */
function countRequests(registry: Registry): Observer {
  const { requests, durations, failures, logins } = requestMetrics([registry]);
  let running = 0;
  showInFlight(() => running, registry);
  return {
    arrived: () => {
      running++;
    },
    answered: ({ service, verb, status, ms, failure, isLogin }) => {
      running--;
      requests.inc({ service, verb, status });
      durations.observe({ service, verb }, ms / 1000);
      if (failure !== undefined) failures.inc({ service, kind: failure });
      if (isLogin && (status === 401 || status === 429)) logins.inc();
    },
  };
}

function requestMetrics(registers: Registry[]) {
  return {
    requests: new Counter({
      name: "millrace_http_requests_total",
      help: "Requests of the API that were answered. The service is '-' where none of that name exists.",
      labelNames: ["service", "verb", "status"],
      registers,
    }),
    durations: new Histogram({
      name: "millrace_http_request_duration_seconds",
      help: "From the arrival of a request of the API until its answer was ready.",
      labelNames: ["service", "verb"],
      registers,
    }),
    failures: new Counter({
      name: "millrace_service_errors_total",
      help: "Requests that failed by what the database of a service said.",
      labelNames: ["service", "kind"],
      registers,
    }),
    logins: new Counter({
      name: "millrace_login_failures_total",
      help: "Logins that were refused.",
      registers,
    }),
  };
}

function showInFlight(count: () => number, registry: Registry): void {
  new Gauge({
    name: "millrace_http_requests_in_flight",
    help: "Requests of the API that are being answered.",
    registers: [registry],
    collect() {
      this.set(count());
    },
  });
}

/** Times and not ages, as Prometheus advises: `time() - x` is the age, and stays true when nobody is asked. */
function showSettings(store: Pick<Store, "settings" | "freshness">, registry: Registry): void {
  showTime("millrace_settings_read_timestamp_seconds", "When the settings in force were read.", registry, () => {
    return store.freshness.readAt;
  });
  showTime("millrace_settings_checked_timestamp_seconds", "When the store last held them still.", registry, () => {
    return store.freshness.checkedAt;
  });
  new Gauge({
    name: "millrace_settings_info",
    help: "Always 1: nodes that share a store serve the same version.",
    labelNames: ["version"],
    registers: [registry],
    collect() {
      this.reset();
      this.set({ version: store.settings.version }, 1);
    },
  });
}

/** `now` gives milliseconds since 1970. */
function showTime(name: string, help: string, registry: Registry, now: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(now() / 1000);
    },
  });
}
