import type { OpenAPIHono } from "@hono/zod-openapi";
import { KEY_PREFIX } from "../keys.ts";
import type { ControlDeps, ControlEnv } from "./deps.ts";

const DESCRIPTION = `Builds soft-verified datasets of coding-agent trajectories out of repositories, and has models trained on them.

Upload an archive, start a run on it, look at it until it is finished, fetch the dataset or start a model on it. Errors are application/problem+json; \`code\` is
stable. Money is in millionths of a US dollar, times are UTC.`;

/** GET /v1/openapi.json: made of the routes that are there. Needs no key, since it says nothing that the source does not. */
export function addDocument(app: OpenAPIHono<ControlEnv>, { version }: ControlDeps): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: `A key that begins with ${KEY_PREFIX}.`,
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "header", { type: "apiKey", in: "header", name: "x-api-key" });
  let text: string | undefined;
  app.get("/v1/openapi.json", (context) => {
    text ??= JSON.stringify(
      app.getOpenAPI31Document({
        openapi: "3.1.0",
        info: {
          title: "serac control API",
          version,
          description: DESCRIPTION,
          license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
        },
        servers: [{ url: "..", description: "Where this document came from." }],
      }),
    );
    return context.body(text, 200, { "content-type": "application/json" });
  });
}
