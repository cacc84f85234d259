import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { newApiKey } from "../../keys.ts";
import type { ApiKeyRecord } from "../../platform.ts";
import { scopesIn } from "../../scopes.ts";
import { keyed } from "../authenticate.ts";
import type { ControlDeps, ControlEnv } from "../deps.ts";
import { json, jsonBody, problems } from "../describe.ts";
import { ApiProblem } from "../problem.ts";
import { unknownId } from "../validation.ts";
import { pathId } from "../wire/fields.ts";
import { createdKeySchema, keyListSchema, meSchema, newKeyBody } from "../wire/keys.ts";

export function addKeys(app: OpenAPIHono<ControlEnv>, deps: ControlDeps): void {
  const { keys, clock } = deps.platform;

  const me = createRoute({
    method: "get",
    path: "/v1/me",
    operationId: "me",
    summary: "The key that asks",
    ...keyed(deps, null),
    responses: { 200: json("The key, without itself.", meSchema), ...problems() },
  });
  app.openapi(me, (context) => {
    const { id, name, scopes, createdAt } = context.get("key");
    return context.json({ id, name, scopes, createdAt }, 200);
  });

  const list = createRoute({
    method: "get",
    path: "/v1/keys",
    operationId: "listKeys",
    summary: "All keys, without themselves",
    ...keyed(deps, "keys:write"),
    responses: { 200: json("The keys, revoked ones too.", keyListSchema), ...problems() },
  });
  app.openapi(list, async (context) => context.json({ keys: (await keys.listKeys()).map(shown) }, 200));

  const create = createRoute({
    method: "post",
    path: "/v1/keys",
    operationId: "createKey",
    summary: "A new key",
    description: "It is shown in this answer alone, and can have no scope that the asking key has not.",
    ...keyed(deps, "keys:write"),
    request: jsonBody(newKeyBody),
    responses: { 201: json("The key.", createdKeySchema), ...problems(400, 413, 415) },
  });
  app.openapi(create, async (context) => {
    const { name, scopes } = context.req.valid("json");
    refuseMore(context.get("key"), scopes);
    const { key, record } = newApiKey(name, [...new Set(scopes)], clock.now());
    await keys.addKey(record);
    return context.json({ ...shown(record), key }, 201);
  });

  const revoke = createRoute({
    method: "delete",
    path: "/v1/keys/{keyId}",
    operationId: "revokeKey",
    summary: "Refuse a key from now on",
    ...keyed(deps, "keys:write"),
    request: { params: z.object({ keyId: pathId("key_4fGh2kLmN8pQ") }) },
    responses: { 204: { description: "It is refused from now on." }, ...problems(404) },
  });
  app.openapi(revoke, async (context) => {
    const { keyId } = context.req.valid("param");
    if (!(await keys.revokeKey(keyId))) throw unknownId("keyId", keyId);
    return context.body(null, 204);
  });
}

function shown({ id, name, scopes, createdAt, isRevoked }: ApiKeyRecord) {
  return { id, name, scopes, createdAt, isRevoked };
}

function refuseMore({ id, scopes: held }: ApiKeyRecord, wanted: ApiKeyRecord["scopes"]): void {
  const ours = scopesIn(held);
  const more = wanted.filter((scope) => !ours.has(scope));
  if (more.length > 0) throw new ApiProblem(403, "scope_missing", `The key ${id} cannot hand on what it has not: ${more.join(", ")}.`);
}
