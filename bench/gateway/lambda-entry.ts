import { systemClock } from "../../core/errors/clock.ts";
import { createGatewayApp } from "../../core/gateway/app/app.ts";
import { createLimiter } from "../../core/gateway/limiter.ts";
import { readyEndpoint } from "../../core/gateway/ready-endpoint.ts";
import { createUpstream } from "../../drivers/upstream/index.ts";
import { streamed } from "../../lambdas/streamed.ts";
import { servedModel } from "../../test/upstream/served-model.ts";

/** The gateway as a function in the cloud would have it, for its size and the time it takes to import. */
const model = servedModel({ profile: "swe-agent" });

const app = createGatewayApp({
  upstream: createUpstream(),
  models: [{ model, endpoint: readyEndpoint({ rootUrl: process.env["UPSTREAM"] ?? "http://127.0.0.1:8000", apiKey: null }) }],
  keys: null,
  limiter: createLimiter(systemClock),
  clock: systemClock,
  limits: { maxBodyBytes: 10_000_000, headersMs: 600_000, silenceMs: 120_000, totalMs: 840_000, pingMs: 15_000 },
  countTokens: null,
  onRequest: (record) => console.log(JSON.stringify(record)),
  capture: null,
});

export const handler = streamed({ fetch: (request) => app.fetch(request), settled: () => Promise.resolve() });
