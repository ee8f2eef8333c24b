import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { Pool } from "pg";

/** The endpoint that somebody would write by hand: Hono, `pg`, one statement, JSON.stringify. No key, no role, no filter. */
const pool = new Pool({ connectionString: process.env.BENCH_DATABASE, max: 10 });
const app = new Hono();

app.get("/people", async (context) => {
  const limit = Number(context.req.query("limit") ?? 25);
  const { rows } = await pool.query({
    name: "people",
    text: "SELECT * FROM people ORDER BY id LIMIT $1",
    values: [limit],
  });
  return context.json({ resource: rows });
});

app.get("/people/:id", async (context) => {
  const { rows } = await pool.query({
    name: "person",
    text: "SELECT * FROM people WHERE id = $1",
    values: [context.req.param("id")],
  });
  return rows[0] === undefined ? context.json({}, 404) : context.json(rows[0]);
});

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => console.log(`ready ${port}`));
