import { test } from "vitest";
import { withExtras } from "../src/db/extras/apply.ts";
import { makeService } from "./house.ts";
import { openFixture } from "./suites/database/fixture.ts";
import { sqliteTarget } from "./suites/database/targets.ts";
test("x", async () => {
  const f = await openFixture(sqliteTarget());
  const make = (name: string, more: any) => f.house.ask("POST", "under_test/_schema/orders/_related", { body: { resource: [{ name, is_virtual: true, type: "belongs_to", field: "customer_id", ref_table: "customers", ref_field: "id", ...more }] } });
  console.log((await make("own", { ref_service_id: f.serviceId })).text);
  console.log((await f.ask("GET", "_table/orders/1?related=own&fields=id&own.fields=id")).text);
  console.log(JSON.stringify((await f.house.log()).filter((l: any) => l.level === "error" || l.error)).slice(0, 1500));
});
