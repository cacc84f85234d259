import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { runRecord, sampleRecord } from "../store/sample-data.ts";
import { startDeployment, type Deployment } from "./deployment.ts";

/** Every route, with whatever may come from outside: an answer that is meant, never a fault of serac's own. */

let opened: Promise<Deployment> | undefined;
async function deploymentWithRun(): Promise<Deployment> {
  const deployment = await startDeployment();
  const { store } = deployment.platform;
  await store.createRun(runRecord({ state: "paused", planned: 2 }));
  await store.addSamples([sampleRecord(0), sampleRecord(1)]);
  return deployment;
}
afterAll(async () => (await opened)?.[Symbol.asyncDispose]());

async function expectMeant(method: string, path: string, body: string | null, headers: Record<string, string> = {}): Promise<number> {
  opened ??= deploymentWithRun();
  const deployment = await opened;
  const key = await deployment.newKey();
  const response = await deployment.ask(path, {
    method,
    headers: { "x-api-key": key, ...(body === null ? {} : { "content-type": "application/json" }), ...headers },
    body,
  });
  const text = await response.text();
  expect(deployment.defects.splice(0)).toEqual([]);
  expect(response.status).toBeLessThan(500);
  const told = response.status < 400 ? { status: response.status } : JSON.parse(text);
  expect(told).toMatchObject({ status: response.status });
  return response.status;
}

const json = fc.json({ maxDepth: 6 });
const CONFIG = { teacher: { baseUrl: "https://teacher.example.com/v1", model: "m" } };
const UPLOAD = "4fGh2kLmN8pQrS6tUvWxYz01.tar.gz";

describe("whatever is posted", () => {
  it.each(["/v1/uploads", "/v1/runs", "/v1/runs/run1/resume", "/v1/estimates", "/v1/trained-models", "/v1/keys"])("to %s", async (path) => {
    await fc.assert(
      fc.asyncProperty(json, async (body) => {
        await expectMeant("POST", path, body);
      }),
      { numRuns: 60 },
    );
  });

  it("as a configuration", async () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    const section = fc.dictionary(
      fc.constantFrom(
        "samples",
        "seed",
        "kinds",
        "kindWeights",
        "usd",
        "baseUrl",
        "model",
        "__proto__",
        "constructor",
        "include",
        "install",
      ),
      value,
      { maxKeys: 4 },
    );
    const config = fc.dictionary(
      fc.constantFrom("teacher", "plan", "budget", "repo", "environment", "name", "__proto__", "toString"),
      fc.oneof(value, section),
      {
        maxKeys: 5,
      },
    );
    await fc.assert(
      fc.asyncProperty(config, async (given) => {
        expect([200, 400, 422]).toContain(await expectMeant("POST", "/v1/estimates", JSON.stringify({ config: given })));
        expect([400, 422]).toContain(
          await expectMeant("POST", "/v1/runs", JSON.stringify({ config: { ...CONFIG, ...given }, uploadId: UPLOAD })),
        );
      }),
      { numRuns: 120 },
    );
  });

  it("as bodies that are almost right", async () => {
    const body = fc.record(
      {
        config: fc.oneof(fc.constant(CONFIG), fc.jsonValue()),
        uploadId: fc.oneof(fc.constant(UPLOAD), fc.string({ unit: "binary" })),
        name: fc.string({ unit: "grapheme" }),
        demonstrations: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
        budgetUsd: fc.oneof(fc.double({ noNaN: true }), fc.jsonValue()),
        retryFailed: fc.jsonValue(),
        bytes: fc.oneof(fc.double({ noNaN: true }), fc.jsonValue()),
        format: fc.oneof(fc.constant("zip"), fc.jsonValue()),
        scopes: fc.oneof(fc.constant(["runs:read"]), fc.jsonValue()),
        functions: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        body,
        fc.constantFrom("/v1/uploads", "/v1/runs", "/v1/runs/run1/resume", "/v1/estimates", "/v1/trained-models", "/v1/keys"),
        async (given, path) => {
          await expectMeant("POST", path, JSON.stringify(given));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("nested as deep as a megabyte is", async () => {
    const deep = (open: string, close: string): string => open.repeat(100_000) + close.repeat(100_000);
    for (const value of [deep("[", "]"), deep('{"a":', "}").replace('{"a":}', '{"a":1}'), "[".repeat(500_000)]) {
      expect(await expectMeant("POST", "/v1/estimates", `{"config":{"plan":${value}}}`)).toBeLessThan(500);
      expect(await expectMeant("POST", "/v1/runs", value)).toBe(400);
    }
  });
});

describe("whatever is asked for", () => {
  it("in a path", async () => {
    const part = fc.string({ unit: "binary", maxLength: 40 }).map((text) => encodeURIComponent(text.toWellFormed()));
    await fc.assert(
      fc.asyncProperty(part, fc.constantFrom("GET", "POST", "DELETE", "PUT", "PATCH"), async (id, method) => {
        for (const path of [`/v1/runs/${id}`, `/v1/samples/${id}`, `/v1/keys/${id}`, `/v1/runs/${id}/dataset`, `/${id}`]) {
          await expectMeant(method, path, method === "GET" || method === "DELETE" ? null : "{}");
        }
      }),
      { numRuns: 60 },
    );
  });

  it("in a query", async () => {
    const query = fc.array(
      fc.tuple(
        fc.constantFrom("limit", "after", "state", "reason", "__proto__", "x"),
        fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.nat().map(String)),
      ),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(query, async (pairs) => {
        const text = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`).join("&");
        expect([200, 400]).toContain(await expectMeant("GET", `/v1/runs?${text}`, null));
        expect([200, 400]).toContain(await expectMeant("GET", `/v1/runs/run1/samples?${text}`, null));
      }),
      { numRuns: 150 },
    );
  });

  it("in headers", async () => {
    const value = fc.string({ unit: fc.constantFrom(..."abcXYZ012 ,;=-_/\"'\\(){}[]äÿ~!".split("")), maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(value, async (text) => {
        const body = JSON.stringify({ config: CONFIG, uploadId: UPLOAD });
        expect([400, 422]).toContain(await expectMeant("POST", "/v1/runs", body, { "idempotency-key": text }));
        expect([201, 400, 415]).toContain(await expectMeant("POST", "/v1/uploads", '{"bytes":1,"format":"zip"}', { "content-type": text }));
        expect([200, 401]).toContain(await expectMeant("GET", "/v1/me", null, { authorization: text }));
      }),
      { numRuns: 150 },
    );
  });
});
