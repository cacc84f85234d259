import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { freshId } from "../../../gateway/app/fresh-id.ts";
import { keyed } from "../authenticate.ts";
import type { ControlDeps, ControlEnv } from "../deps.ts";
import { json, jsonBody, problems } from "../describe.ts";
import { uploadKey } from "../upload-key.ts";
import { newUploadBody, uploadSchema } from "../wire/uploads.ts";

/** Five gigabytes on a slow line take a while. */
const EXPIRES_MS = 60 * 60_000;

export function addUploads(app: OpenAPIHono<ControlEnv>, deps: ControlDeps): void {
  const { links, clock } = deps.platform;
  const create = createRoute({
    method: "post",
    path: "/v1/uploads",
    operationId: "createUpload",
    summary: "An address to leave an archive at",
    ...keyed(deps, "runs:write"),
    request: jsonBody(newUploadBody),
    responses: { 201: json("Where to PUT the archive.", uploadSchema), ...problems(400, 413, 415) },
  });
  app.openapi(create, async (context) => {
    const { bytes, format } = context.req.valid("json");
    const uploadId = `${freshId()}.${format}`;
    const expiresAt = new Date(clock.now() + EXPIRES_MS).toISOString();
    const { url, headers } = await links.upload(uploadKey(uploadId), { expiresMs: EXPIRES_MS, bytes });
    return context.json({ uploadId, url, headers: { ...headers }, expiresAt }, 201);
  });
}
