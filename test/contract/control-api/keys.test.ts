import { describe, expect, it } from "vitest";
import { createdKeySchema, keyListSchema, meSchema } from "../../../core/control/api/wire/keys.ts";
import { API_SCOPES } from "../../../core/control/platform.ts";
import { scopesIn } from "../../../core/control/scopes.ts";
import { newApiKey } from "../../../core/control/keys.ts";
import { ask } from "./asking.ts";
import { startDeployment } from "./deployment.ts";

describe("keys", () => {
  it("are made, shown once, used in either header, and refused as soon as they are revoked", async () => {
    await using deployment = await startDeployment();
    const admin = await deployment.newKey();
    const made = await ask(deployment, "POST", "/v1/keys", { key: admin, body: { name: "ci", scopes: ["runs:read", "runs:read"] } });
    expect(made.status).toBe(201);
    const { key, ...record } = createdKeySchema.strict().parse(made.body);
    expect(record).toMatchObject({ name: "ci", scopes: ["runs:read"], isRevoked: false });
    const me = await ask(deployment, "GET", "/v1/me", { headers: { "x-api-key": key } });
    expect(meSchema.strict().parse(me.body)).toMatchObject({ id: record.id, scopes: ["runs:read"] });
    const { body } = await ask(deployment, "GET", "/v1/keys", { key: admin });
    expect(keyListSchema.strict().parse(body).keys).toContainEqual(record);
    expect(JSON.stringify(body)).not.toContain(key);
    expect((await ask(deployment, "DELETE", `/v1/keys/${record.id}`, { key: admin })).status).toBe(204);
    expect((await ask(deployment, "GET", "/v1/me", { key })).body).toMatchObject({ status: 401, code: "key_refused" });
    expect((await ask(deployment, "DELETE", "/v1/keys/key_nobody", { key: admin })).body).toMatchObject({
      status: 404,
      code: "key_unknown",
    });
  });

  it("hand on nothing that they have not", async () => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey("keys:write", "runs:read");
    const { body } = await ask(deployment, "POST", "/v1/keys", { key, body: { name: "more", scopes: ["runs:read", "runs:write"] } });
    expect(body).toMatchObject({ status: 403, code: "scope_missing" });
    expect((await deployment.platform.keys.listKeys()).map(({ name }) => name)).toEqual(["test"]);
  });

  const ROUTES = [
    ["POST", "/v1/uploads", "runs:write"],
    ["POST", "/v1/runs", "runs:write"],
    ["GET", "/v1/runs", "runs:read"],
    ["GET", "/v1/runs/x", "runs:read"],
    ["POST", "/v1/runs/x/cancel", "runs:write"],
    ["POST", "/v1/runs/x/resume", "runs:write"],
    ["GET", "/v1/runs/x/samples", "runs:read"],
    ["GET", "/v1/samples/x", "runs:read"],
    ["GET", "/v1/runs/x/dataset", "runs:read"],
    ["POST", "/v1/estimates", "runs:read"],
    ["GET", "/v1/trained-models", "models:read"],
    ["POST", "/v1/trained-models", "models:write"],
    ["GET", "/v1/trained-models/x", "models:read"],
    ["GET", "/v1/trained-models/x/files", "models:read"],
    ["POST", "/v1/trained-models/x/cancel", "models:write"],
    ["DELETE", "/v1/trained-models/x", "models:write"],
    ["GET", "/v1/keys", "keys:write"],
    ["POST", "/v1/keys", "keys:write"],
    ["DELETE", "/v1/keys/x", "keys:write"],
  ] as const;

  it("are asked for before anything else is looked at", async () => {
    await using deployment = await startDeployment();
    for (const [method, path, needed] of ROUTES) {
      const body = method === "POST" ? { body: "{ not json" } : {};
      const none = await ask(deployment, method, path, body);
      expect(none).toMatchObject({ status: 401, body: { code: "key_refused" } });
      expect(none.headers.get("www-authenticate")).toMatch(/^Bearer/);
      for (const wrong of ["sk-serac-short", newApiKey("x", API_SCOPES, 0).key, "Bearer", "ä"]) {
        expect((await ask(deployment, method, path, { ...body, headers: { "x-api-key": encodeURIComponent(wrong) } })).status).toBe(401);
      }
      const others = await deployment.newKey(...API_SCOPES.filter((scope) => !scopesIn([scope]).has(needed)));
      expect((await ask(deployment, method, path, { ...body, key: others })).body).toMatchObject({ status: 403, code: "scope_missing" });
      const right = await deployment.newKey(needed);
      expect([401, 403]).not.toContain((await ask(deployment, method, path, { ...body, key: right })).status);
    }
    expect(deployment.defects).toEqual([]);
  });

  it("name every route that wants one", async () => {
    await using deployment = await startDeployment();
    const { body } = await ask<{ paths: Record<string, Record<string, { security?: unknown[] }>> }>(deployment, "GET", "/v1/openapi.json");
    const described = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security }]) => [`${method.toUpperCase()} ${path}`, (security ?? []).length > 0] as const),
    );
    const keyed = described.filter(([, isKeyed]) => isKeyed).map(([route]) => route.replaceAll(/\{\w+\}/g, "x"));
    expect(keyed.toSorted()).toEqual([...ROUTES.map(([method, path]) => `${method} ${path}`), "GET /v1/me"].toSorted());
    expect(described.filter(([, isKeyed]) => !isKeyed)).toEqual([["GET /health", false]]);
  });
});
