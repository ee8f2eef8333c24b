import { expect, test } from "vitest";
import { sqliteConnector } from "../../plugins/sqlite/connector.ts";
import { openDriver } from "../../plugins/sqlite/driver.node.ts";
import type { Runtime } from "../../src/contract/runtime.ts";
import { firstStart } from "../../src/runtime/first/first-start.ts";
import { scrypt } from "../../src/runtime/scrypt.ts";
import { Store } from "../../src/store/store.ts";

const log = { writes: () => false, log: () => undefined };
const runtime: Runtime = { name: "node", log, env: () => undefined, scrypt };

test("versions that name different administrators and start at once on a store without any make one", async () => {
  const driver = openDriver({ path: ":memory:", waitMs: 1000, statementTimeoutMs: 5000, statements: [] });
  const masterSecret = "a master secret for tests, of no worth";
  const store = await Store.open({ connector: sqliteConnector(driver), masterSecret, log });
  const start = (adminEmail: string) =>
    firstStart(store, runtime, { adminEmail, adminPassword: undefined, sample: undefined });
  await start("gone@example.com");
  await store.change((rows) => rows.delete("user", { email: "gone@example.com" }));

  const told = await Promise.all(["one@example.com", "two@example.com"].map(start));
  const emails = [...store.settings.admins.values()].map(({ email }) => email);
  expect(emails).toHaveLength(1);
  expect(told.flatMap(({ admin }) => (admin ? [admin.email] : []))).toEqual(emails);
  await store.close();
});
