import type { ExtrasDoor, TableExtras } from "../contract/extras.ts";
import { extrasOf, NONE, STAMP } from "./extras.ts";
import type { Rows, SystemRow } from "./rows.ts";
import type { Store } from "./store.ts";

/** The way of the service with this id to its extras in the store. */
export function extrasDoor(store: Store, serviceId: number): ExtrasDoor {
  const record = (wanted: number) => [...store.settings.services.values()].find(({ id }) => id === wanted);
  return {
    serviceId,
    serviceName: (id) => record(id)?.name,
    current: () => record(serviceId)?.extras ?? NONE,
    save: (change) =>
      store.change(async (rows) => {
        const tables = change(extrasOf(await rows.read("schema_extra", { service_id: serviceId })));
        for (const [table, extras] of Object.entries({ ...tables, [STAMP]: null }))
          await put(rows, { service_id: serviceId, table_name: table }, table === STAMP ? newStamp() : textOf(extras));
      }),
  };
}

function newStamp(): string {
  return crypto.randomUUID();
}

function textOf(extras: TableExtras | null): string | undefined {
  return extras === null ? undefined : JSON.stringify(extras);
}

async function put(rows: Rows, where: SystemRow, content: string | undefined): Promise<void> {
  if (content === undefined) await rows.delete("schema_extra", where);
  else if ((await rows.update("schema_extra", where, { content })) === 0)
    await rows.insert("schema_extra", { ...where, content });
}
