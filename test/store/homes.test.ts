import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { createDatabase } from "../servers/databases.ts";
import type { ProvidedServer } from "../servers/server.ts";
import { storeSuite } from "../suites/store/suite.ts";

storeSuite({
  title: "SQLite",
  unavailable: undefined,
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), "millrace-store-"));
    return { url: `sqlite:${join(folder, "store.db")}`, drop: async () => rmSync(folder, { recursive: true }) };
  },
});

serverStore("PostgreSQL", inject("postgres"), (url) => url);
serverStore("MariaDB", inject("mariadb"), (url) => url.replace(/^\w+:/, "mariadb:"));
serverStore("MySQL's protocol", inject("mariadb"), (url) => url.replace(/^\w+:/, "mysql:"));

function serverStore(title: string, server: ProvidedServer, urlOf: (url: string) => string): void {
  storeSuite({
    title,
    unavailable: "unavailable" in server ? server.unavailable : undefined,
    open: async () => {
      const database = await createDatabase(server);
      return { url: urlOf(database.url), drop: () => database.drop() };
    },
  });
}
