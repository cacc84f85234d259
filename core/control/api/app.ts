import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { freshId } from "../../gateway/app/fresh-id.ts";
import type { ControlDeps, ControlEnv } from "./deps.ts";
import { addDocument } from "./document.ts";
import { addOtherMethods } from "./other-methods.ts";
import { ApiProblem, problemOf, problemResponse } from "./problem.ts";
import { addDataset } from "./routes/dataset.ts";
import { addEstimates } from "./routes/estimates.ts";
import { addHealth } from "./routes/health.ts";
import { addKeys } from "./routes/keys.ts";
import { addModels } from "./routes/models.ts";
import { addRuns } from "./routes/runs.ts";
import { addSamples } from "./routes/samples.ts";
import { addUploads } from "./routes/uploads.ts";
import { refuseInvalid } from "./validation.ts";

export const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The control API, version 1, as a web application over the ports: the same in a function and on a laptop. It sends no CORS headers:
 * no web page of others may use it. docs/api.md shows it in use.
 */
export function createControlApp(deps: ControlDeps): OpenAPIHono<ControlEnv> {
  const app = new OpenAPIHono<ControlEnv>({ defaultHook: refuseInvalid });

  app.use(async (context, next) => {
    context.set("requestId", `req_${freshId()}`);
    await next();
    context.res.headers.set("x-request-id", context.get("requestId"));
    context.res.headers.set("serac-version", deps.version);
    context.res.headers.set("cache-control", "no-store");
    context.res.headers.set("x-content-type-options", "nosniff");
  });
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw new ApiProblem(413, "usage", "The body is larger than 1 MB.", {
          hint: "Archives go to the address that POST /v1/uploads gives.",
        });
      },
    }),
  );

  for (const add of [addUploads, addRuns, addSamples, addDataset, addEstimates, addModels, addKeys, addHealth]) add(app, deps);
  addDocument(app, deps);
  addOtherMethods(app);

  app.notFound((context) => {
    const { path, method } = context.req;
    const problem = new ApiProblem(404, "usage", `There is no ${method} ${path.slice(0, 200)} here.`, {
      hint: "GET /v1/openapi.json lists what there is.",
    });
    return problemResponse(problem, context.get("requestId"));
  });
  app.onError((error, context) => {
    const problem = problemOf(error);
    if (problem.status >= 500) deps.onDefect?.(context.get("requestId"), error);
    return problemResponse(problem, context.get("requestId"));
  });
  return app;
}
