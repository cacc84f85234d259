import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ControlEnv } from "./deps.ts";
import { ApiProblem } from "./problem.ts";

/** What is asked of a path that only takes other methods; after all routes. HEAD is answered as GET by hono. */
export function addOtherMethods(app: OpenAPIHono<ControlEnv>): void {
  const taken = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (method === "ALL") continue;
    const methods = taken.get(path) ?? new Set();
    taken.set(path, methods.add(method));
  }
  for (const [path, methods] of taken) {
    const allow = [...methods, ...(methods.has("GET") ? ["HEAD"] : []), "OPTIONS"].toSorted().join(", ");
    app.all(path, ({ req }) => {
      if (req.method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } });
      throw new ApiProblem(405, "usage", `${req.path} takes ${allow}, not ${req.method}.`, { headers: { allow } });
    });
  }
}
