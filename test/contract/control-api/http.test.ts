import { request } from "node:http";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { createControlApp } from "../../../core/control/api/app.ts";
import { SeracError } from "../../../core/errors/index.ts";
import { ask } from "./asking.ts";
import { startDeployment, VERSION } from "./deployment.ts";

describe("the API as an HTTP server", () => {
  it("describes itself in OpenAPI 3.1, as an independent validator reads it", async () => {
    await using deployment = await startDeployment();
    const { body, headers } = await ask(deployment, "GET", "/v1/openapi.json");
    expect(headers.get("content-type")).toMatch(/^application\/json/);
    const { valid, errors } = await new Validator().validate(structuredClone(body));
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
    expect(body).toMatchObject({ openapi: "3.1.0", info: { version: VERSION } });
    // Every route says what it takes, gives and refuses with, and every reference leads somewhere.
    const text = JSON.stringify(body);
    const schemas = (body["components"] as { schemas: Record<string, unknown> }).schemas;
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) expect(Object.keys(schemas)).toContain(name);
    for (const methods of Object.values(body["paths"] as Record<string, Record<string, { responses: object; operationId?: string }>>)) {
      for (const { responses, operationId } of Object.values(methods)) {
        expect(operationId).toBeDefined();
        expect(Object.keys(responses).some((status) => status.startsWith("2"))).toBe(true);
      }
    }
  });

  it("answers GET and HEAD of /health without a key", async () => {
    await using deployment = await startDeployment();
    expect(await ask(deployment, "GET", "/health")).toMatchObject({ status: 200, body: { status: "ok", version: VERSION } });
    expect(await ask(deployment, "HEAD", "/health")).toMatchObject({ status: 200, body: null });
  });

  it.each([
    ["PUT", "/v1/runs", 405, "GET, HEAD, OPTIONS, POST"],
    ["DELETE", "/v1/runs/x", 405, "GET, HEAD, OPTIONS"],
    ["POST", "/health", 405, "GET, HEAD, OPTIONS"],
    ["GET", "/v1/keys/x", 405, "DELETE, OPTIONS"],
    ["OPTIONS", "/v1/runs", 204, "GET, HEAD, OPTIONS, POST"],
    ["OPTIONS", "/v1/uploads", 204, "OPTIONS, POST"],
  ])("%s %s is %i with Allow", async (method, path, status, allow) => {
    await using deployment = await startDeployment();
    const answer = await ask(deployment, method, path);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("allow")).toBe(allow);
    expect(answer.headers.has("access-control-allow-origin")).toBe(false);
  });

  it.each(["/", "/v1", "/v1/runs/", "/v2/runs", "/v1/runs/a/b/c", "/v1/nothing", "/v1/%E0%A4%A"])("there is no GET %s", async (path) => {
    await using deployment = await startDeployment();
    expect((await ask(deployment, "GET", path)).body).toMatchObject({ status: 404, code: "usage" });
  });

  it("an id that cannot be one is unknown", async () => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey();
    for (const id of ["a%20b", "%00", "..%2f..", "x".repeat(300), "%F0%9F%92%A9"]) {
      expect((await ask(deployment, "GET", `/v1/runs/${id}`, { key })).body).toMatchObject({ status: 404, code: "run_unknown" });
      expect((await ask(deployment, "GET", `/v1/samples/${id}`, { key })).body).toMatchObject({ status: 404, code: "sample_unknown" });
    }
  });

  it("takes JSON and nothing else, up to 1 MB", async () => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey();
    const post = (body: unknown, headers: Record<string, string> = {}) => ask(deployment, "POST", "/v1/uploads", { key, body, headers });
    expect((await post("bytes=1", { "content-type": "application/x-www-form-urlencoded" })).body).toMatchObject({
      status: 415,
      code: "usage",
    });
    expect((await post("{}", { "content-type": "text/plain" })).status).toBe(415);
    expect((await post("{ not json")).body).toMatchObject({ status: 400, code: "usage", detail: expect.stringContaining("JSON") });
    expect((await post("")).status).toBe(400);
    expect((await post(JSON.stringify({ bytes: 1, format: "zip", padding: "x".repeat(1024 * 1024) }))).body).toMatchObject({
      status: 413,
      code: "usage",
    });
    expect((await post({ bytes: 1, format: "zip" }, { "content-type": "application/json; charset=utf-8" })).status).toBe(201);
  });

  it("stops reading a body of unknown length at 1 MB", async () => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey();
    const status = await new Promise((resolve, reject) => {
      const outgoing = request(`${deployment.url}/v1/uploads`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "transfer-encoding": "chunked" },
      });
      outgoing.on("response", (incoming) => resolve(incoming.resume().statusCode)).on("error", reject);
      for (let chunk = 0; chunk < 40; chunk += 1) outgoing.write("x".repeat(64 * 1024));
      outgoing.end();
    });
    expect(status).toBe(413);
  });

  it("names every mistake of a body by its key", async () => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey();
    const { body } = await ask<{ errors: unknown }>(deployment, "POST", "/v1/runs", {
      key,
      body: { config: [], uploadid: "x", name: "-", demonstrations: ["", 3] },
    });
    expect(body).toMatchObject({ status: 400, code: "usage" });
    expect(body.errors).toEqual([
      { key: "config", message: "config: found a list; allowed: an object" },
      { key: "name", message: 'name: found "-"; allowed: up to 63 letters, digits, dots, - and _, beginning with a letter or a digit' },
      { key: "uploadId", message: "uploadId is missing; allowed: text" },
      { key: "demonstrations.0", message: 'demonstrations.0: found ""; allowed: at least 1 long' },
      { key: "demonstrations.1", message: "demonstrations.1: found 3; allowed: text" },
      { key: "uploadid", message: "uploadid is no known key; did you mean uploadId?" },
    ]);
    const query = await ask(deployment, "GET", "/v1/runs?limit=1000&stat=running", { key });
    expect(query.body["errors"]).toEqual([
      { key: "limit", message: 'limit: found "1000"; allowed: up to 100' },
      { key: "stat", message: "stat is no known key; did you mean state?" },
    ]);
  });

  it("tells nothing of its own faults, and its operator everything", async () => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey();
    const faults: [unknown, number, string][] = [
      [new TypeError("undefined is no table arn:aws:dynamodb"), 500, "internal"],
      [new SeracError("cloud_denied", "arn:aws:iam::111111111111:role/x may not"), 502, "cloud_denied"],
      [new SeracError("cloud_throttled", "arn:aws:dynamodb"), 503, "cloud_throttled"],
      [new SeracError("record_invalid", "row arn:aws"), 500, "internal"],
    ];
    for (const [fault, status, code] of faults) {
      const told: [string, unknown][] = [];
      const platform = { ...deployment.platform, store: { ...deployment.platform.store, getRun: () => Promise.reject(fault) } };
      const app = createControlApp({ platform, version: VERSION, onDefect: (requestId, error) => told.push([requestId, error]) });
      const response = await app.request("/v1/runs/run1", { headers: { authorization: `Bearer ${key}` } });
      const body = (await response.json()) as { requestId: string };
      expect(body).toMatchObject({ status, code });
      expect(JSON.stringify(body)).not.toContain("arn:");
      expect(told).toEqual([[body.requestId, fault]]);
      expect(response.headers.has("retry-after")).toBe(status === 503);
    }
  });
});
