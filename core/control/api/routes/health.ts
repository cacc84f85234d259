import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { ControlDeps, ControlEnv } from "../deps.ts";
import { json } from "../describe.ts";
import { healthSchema } from "../wire/health.ts";

export function addHealth(app: OpenAPIHono<ControlEnv>, { version }: ControlDeps): void {
  const get = createRoute({
    method: "get",
    path: "/health",
    operationId: "health",
    summary: "Whether the API answers",
    security: [],
    responses: { 200: json("It does.", healthSchema) },
  });
  app.openapi(get, (context) => context.json({ status: "ok" as const, version }, 200));
}
